"""A tracking server at an address: requests and streams of MLflow's protocol, with their refusals."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from jupyter_mlops.client import ClientError
from jupyter_mlops.client.errors import UNREACHABLE
from jupyter_mlops.client.transport import UnixConnection, same_site_proof
from jupyter_mlops.transfer.streams import Body, Exactly, Readable

TRACKING = "api/2.0/mlflow/"
TIMEOUT_SECONDS = 120.0
# MLflow's server copies what it was sent before it answers.
STORE_SECONDS = 900.0
ANSWER_MAX_BYTES = 1 << 30
# About a minute and a half in all: a server that restarts is waited for.
WAITS_SECONDS = (0.5, 1, 2, 5, 10, 20, 30)
MESSAGE_MAX_CHARS = 1_000
PASSING = frozenset({408, 429, 502, 503, 504})
T = TypeVar("T")
_ENOUGH = frozenset({"http", "https", "http+unix"})
_PROOF = re.compile(r"//[^/?#]*@")
_OF_PATHS = "/%~!$&'()*+,;=:@"


class Link:
    """Sends requests to one server; not to be shared by threads.

    ``headers`` carry the proof of who is asking; ``advice`` is what to do when that is refused.
    ``certificate`` names the file that a server's certificate is checked against.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], advice: str, certificate: str | None = None
    ) -> None:
        parts = _split(url)
        if not all(map(_is_sendable, headers.values())):
            raise ClientError(
                "A token or password has a character that cannot be sent, such as a line end.",
                code="invalid_request",
            )
        self.shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
        self._parts = parts
        self._base = quote(parts.path.rstrip("/"), _OF_PATHS) + "/"
        self._headers = {"Accept": "*/*", **headers}
        self._advice = advice
        self._certificate = certificate
        self._kept: http.client.HTTPConnection | None = None

    def ask(self, path: str, /, **query: object) -> dict[str, Any]:
        """Return what the tracking API answers to a GET."""
        return self._json("GET", f"{TRACKING}{path}?{_query(query)}", None)

    def tell(
        self, method: str, path: str, body: Mapping[str, object], *, once: bool = False
    ) -> dict[str, Any]:
        """Return what the tracking API answers to a body; ``once`` when a repetition would double."""
        return self._json(method, TRACKING + path, json.dumps(body).encode(), once=once)

    def is_tracking_server(self) -> None:
        """Raise ClientError with what to do unless a server of MLflow's protocol answers here."""
        try:
            self.tell("POST", "experiments/search", {"max_results": 1})
        except ClientError as error:
            if error.status in (400, 404, 405, 501) and not isinstance(error, Refusal):
                raise ClientError(
                    f"The server at {self.shown} is not an MLflow tracking server. Give the address "
                    "that MLFLOW_TRACKING_URI would have.",
                    code="invalid_address",
                    status=0,
                ) from error
            raise

    @contextmanager
    def download(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Readable]:
        """Give the bytes at an address below the server's; ClientError when it has none."""
        target = quote(path) + (f"?{_query(query)}" if query else "")
        answer = self._patiently("GET", target, None, lambda answer: answer, once=False)
        try:
            yield Body(answer, self._away)
        finally:
            # What was not read to its end is in the way of the next answer.
            self.close()

    def upload(self, path: str, file: Readable, size: int) -> None:
        """Store ``size`` bytes at an address below the server's."""
        connection = self._connect(STORE_SECONDS)
        try:
            connection.request(
                "PUT",
                self._base + quote(path),
                Exactly(file, size),
                {
                    **self._headers,
                    "Content-Length": str(size),
                    "Content-Type": "application/octet-stream",
                },
            )
            answer = connection.getresponse()
            content = answer.read(ANSWER_MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            # A server that refuses before it has read all closes the connection, too.
            raise self._early(connection, error) from error
        finally:
            connection.close()
        if answer.status >= 300:
            raise self._refusal(answer.status, content)

    def close(self) -> None:
        """Let go of the connection."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _json(
        self, method: str, target: str, body: bytes | None, *, once: bool = False
    ) -> dict[str, Any]:
        content = self._patiently(method, target, body, self._whole, once=once)
        try:
            value = json.loads(content or b"{}")
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise ClientError(
                f"The server at {self.shown} does not answer as an MLflow tracking server does.",
                code="invalid_address",
            )
        return value

    def _patiently(
        self,
        method: str,
        target: str,
        body: bytes | None,
        take: Callable[[http.client.HTTPResponse], T],
        *,
        once: bool,
    ) -> T:
        """Return what ``take`` makes of a fine answer; wait for a server that is away for a moment."""
        for wait in (*_waits(), None):
            try:
                answer = self._send(method, target, body, once=once)
                if answer.status < 300:
                    return take(answer)
                content = self._whole(answer)
            except ClientError:
                # Whether the request was done is not known.
                if once or wait is None:
                    raise
            else:
                again = answer.status in PASSING and not (once and answer.status > 429)
                if not again or wait is None:
                    raise self._refusal(answer.status, content)
            time.sleep(wait)
        raise AssertionError("the last wait is None")

    def _whole(self, answer: http.client.HTTPResponse) -> bytes:
        try:
            content = answer.read(ANSWER_MAX_BYTES)
            # A connection that was cut looks like the end, and a page without entries like the last.
            if answer.length:
                raise ConnectionError("it stopped in the middle of an answer")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._away(error) from error
        return content

    def _send(
        self, method: str, target: str, body: bytes | None, *, once: bool
    ) -> http.client.HTTPResponse:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if once:
            # A connection that was kept may be one that the server is just closing.
            self.close()
        while True:
            kept = self._kept is not None
            connection = self._kept or self._connect()
            self._kept = connection
            try:
                connection.request(method, self._base + target, body, headers)
                return connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if not kept:
                    raise self._away(error) from error

    def _connect(self, timeout: float = TIMEOUT_SECONDS) -> http.client.HTTPConnection:
        parts = self._parts
        if parts.scheme == "http+unix":
            return UnixConnection(unquote(parts.netloc), timeout)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        context = ssl.create_default_context(cafile=self._certificate)
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)

    def _early(self, connection: http.client.HTTPConnection, error: Exception) -> ClientError:
        with suppress(OSError, http.client.HTTPException, AttributeError):
            answer = connection.getresponse()
            return self._refusal(answer.status, answer.read(ANSWER_MAX_BYTES))
        return self._away(error)

    def _away(self, error: Exception) -> ClientError:
        return ClientError(
            f"The server at {self.shown} does not answer ({str(error) or type(error).__name__}).",
            code=UNREACHABLE,
        )

    def _refusal(self, status: int, content: bytes) -> ClientError:
        if status in (401, 403):
            return ClientError(
                f"The server at {self.shown} refused: {self._advice}",
                code="unauthenticated",
                status=status,
            )
        try:
            said = json.loads(content)
            text = str(said["message"])[:MESSAGE_MAX_CHARS]
            return Refusal(text, code=str(said["error_code"]), status=status)
        except (ValueError, KeyError, TypeError, RecursionError):
            message = f"The server at {self.shown} answered with HTTP status {status}."
            if 300 <= status < 400:
                message += " It leads elsewhere; give the address where it leads."
            return ClientError(message, code=UNREACHABLE, status=status)


def patiently(action: Callable[[], T]) -> T:
    """Do something that may be repeated until both servers are there for it."""
    for wait in _waits():
        try:
            return action()
        except ClientError as error:
            if error.status and error.status not in PASSING:
                raise
        time.sleep(wait)
    return action()


def _waits() -> tuple[float, ...]:
    """Return how long to wait before each repetition; MLflow's own variable may bound their number."""
    most = os.environ.get("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "")
    return WAITS_SECONDS[: int(most)] if most.isdecimal() else WAITS_SECONDS


class Refusal(ClientError):
    """What a server of MLflow's protocol says in its own words."""

    @property
    def permanent(self) -> bool:
        """Whether asking again would be answered alike; a full disk may pass."""
        return 400 <= self.status < 500 or self.status == 501


def without_proof(address: str) -> str:
    """Return an address to be shown: without the name and password that may be in it."""
    return _PROOF.sub("//", address)


def _split(url: str) -> SplitResult:
    """Return the parts of an address; ClientError when no request can be sent there."""
    try:
        parts = urlsplit(url)
        # Asked for only to be refused here, and not where it is first used.
        _ = parts.port
        host = parts.hostname or ""
        if parts.scheme != "http+unix":
            host.encode("idna")
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in _ENOUGH or not host:
        raise ClientError(
            f"{without_proof(url)} is not the address of a server.", code="invalid_request"
        )
    return parts


def _site(url: str) -> list[str]:
    return without_proof(url).lower().split("/")[:3]


def _is_sendable(header: str) -> bool:
    return header.isprintable() and all(ord(each) < 256 for each in header)


def _query(items: Mapping[str, object]) -> str:
    # Halves of a pair may come from names of files; a server refuses them.
    return urlencode(items, doseq=True, errors="surrogatepass")


def of_mlflow(url: str) -> Link:
    """Return the link to a server as MLflow's own clients would reach it.

    Who is asking comes from the environment, as for them; what is meant for the server that
    ``MLFLOW_TRACKING_URI`` names is sent to no other one.
    """
    parts = _split(url)
    own = os.environ.get("MLFLOW_TRACKING_URI", "")
    meant = not own or _site(own) == _site(url)
    user = os.environ.get("MLFLOW_TRACKING_USERNAME", "") if meant else ""
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD", "") if meant else ""
    token = os.environ.get("MLFLOW_TRACKING_TOKEN", "") if meant else ""
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
    headers = {}
    if user and password:
        proof = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {proof}"
    elif token:
        headers["Authorization"] = f"Bearer {token}"
    advice = (
        "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
        "to what that server knows."
    )
    if not meant:
        advice += " They are not sent there now: MLFLOW_TRACKING_URI names another server."
    return Link(url, headers, advice, os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH"))


def of_jupyter(url: str, token: str) -> Link:
    """Return the link to the tracking door of a Jupyter server."""
    proof = {"Authorization": f"token {token}"} if token else same_site_proof()
    return Link(f"{url.rstrip('/')}/mlops", proof, "is the token of the Jupyter server right?")
