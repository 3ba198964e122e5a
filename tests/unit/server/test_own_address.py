"""Clients in kernels get an address that works from this very machine, or none."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest

from jupyter_mlops.domain.mlflow_address import MlflowAddress
from jupyter_mlops.server.own_address import OwnAddress

# Made by: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 …
CERTIFICATES = Path(__file__).resolve().parents[2] / "corpus" / "certificates"
LOG = logging.getLogger(__name__)


@dataclass
class App:
    """What is asked of a Jupyter server."""

    ip: str = "127.0.0.1"
    port: int = 8888
    base_url: str = "/user/ada/"
    sock: str = ""
    certfile: str = ""


def found(app: Any) -> MlflowAddress | None:
    return OwnAddress(app, LOG).find()


@pytest.mark.parametrize(
    ("ip", "netloc"),
    [
        ("", "127.0.0.1:8888"),
        ("0.0.0.0", "127.0.0.1:8888"),  # noqa: S104 - nothing is bound
        ("localhost", "127.0.0.1:8888"),
        ("127.0.0.1", "127.0.0.1:8888"),
        ("192.0.2.7", "192.0.2.7:8888"),
        ("node-7", "node-7:8888"),
        ("::", "[::1]:8888"),
        ("2001:db8::7", "[2001:db8::7]:8888"),
    ],
)
def test_the_address_is_one_that_the_server_listens_to(ip: str, netloc: str) -> None:
    here = MlflowAddress(uri=f"http://{netloc}/user/ada/mlops", certificate=None)
    assert found(App(ip=ip)) == here


def test_a_server_behind_a_unix_socket_has_none() -> None:
    assert found(App(sock="/run/jupyter.sock")) is None


@contextmanager
def secured(certificate: Path) -> Iterator[int]:
    """Serve HTTPS, with nothing to say; give the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                    if secure.recv(4096):
                        secure.sendall(b"HTTP/1.0 200 OK\r\n\r\nfine")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_over_https_a_client_can_check_the_certificate_that_it_is_told_of(name: str) -> None:
    certificate = CERTIFICATES / f"{name}.pem"
    with secured(certificate) as port:
        address = found(App(port=port, certfile=str(certificate)))
        assert address == MlflowAddress(
            uri=f"https://{name}:{port}/user/ada/mlops", certificate=str(certificate)
        )
        trusts = ssl.create_default_context(cafile=address.certificate)
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trusts))
        assert opener.open(address.uri, timeout=10).read() == b"fine"


def test_a_certificate_is_found_from_whatever_folder_a_kernel_starts_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(CERTIFICATES)
    with secured(CERTIFICATES / "localhost.pem") as port:
        address = found(App(port=port, certfile="localhost.pem"))
    assert address is not None
    assert address.certificate == str(CERTIFICATES / "localhost.pem")


def test_a_certificate_that_no_client_here_could_check_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    certificate = CERTIFICATES / "other.pem"
    with secured(certificate) as port:
        address = OwnAddress(App(port=port, certfile=str(certificate)), LOG)  # type: ignore[arg-type]
        assert address.find() is None
        assert address.find() is None
    assert caplog.text.count("its certificate is not one") == 1
