"""How requests reach the product: a protocol of one call, and its form over HTTP."""

from __future__ import annotations

import http.client
import secrets
import socket
import ssl
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlencode, urlsplit

from jupyter_mlops.client.errors import UNREACHABLE, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "mlops/api/"
TIMEOUT_SECONDS = 60.0
ANSWER_MAX_BYTES = 1 << 30


class Transport(Protocol):
    """Carries one request and its answer; the in-process one is `bootstrap.open_local`."""

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body; ``path`` is below ``mlops/api``, percent-encoded.

        A sequence in ``query`` repeats its key. Raises ClientError when nothing answers.
        """
        ...

    def close(self) -> None:
        """Let go of what the transport holds."""
        ...


class HttpTransport:
    """Talks to a Jupyter server; one connection per request, so that threads may share it.

    ``url`` is the server's base URL, ``http+unix://…`` for a socket; ``timeout`` is in seconds.
    """

    def __init__(self, url: str, token: str, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "http+unix") or not parts.netloc:
            raise ClientError(f"{url} is not the address of a server.", code="invalid_request")
        self.url = url
        self._parts = parts
        self._timeout = timeout
        self._base = parts.path.rstrip("/") + "/" + PREFIX
        # The token also stands in for the XSRF cookie that browsers need.
        self._proof = {"Authorization": f"token {token}"} if token else same_site_proof()

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request and return the whole answer; redirects are not followed."""
        target = self._base + path
        if query:
            target += "?" + urlencode(query, doseq=True)
        sent = {"Accept": "application/json", **self._proof, **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = self._connect()
        try:
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            content = answer.read(ANSWER_MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise ClientError(
                f"The server at {self.url} does not answer ({str(error) or type(error).__name__}).",
                code=UNREACHABLE,
            ) from error
        finally:
            connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content

    def close(self) -> None:
        """Do nothing: no connection outlives its request."""

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http+unix":
            return UnixConnection(unquote(self._parts.netloc), self._timeout)
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)


def same_site_proof() -> dict[str, str]:
    """Return what a server without a token wants: a value that comes as cookie and as header.

    A web page elsewhere can send neither of them, and that is all that the pair is to show
    (https://www.tornadoweb.org/en/stable/guide/security.html).
    """
    value = secrets.token_hex(16)
    return {"Cookie": f"_xsrf={value}", "X-XSRFToken": value}


class UnixConnection(http.client.HTTPConnection):
    """A connection to the socket at a path."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
