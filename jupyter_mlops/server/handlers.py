"""One Tornado handler for every operation: checks in order, then the door, then the bytes out."""

from __future__ import annotations

import logging
import traceback
from functools import partial
from types import TracebackType
from typing import Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from jupyter_mlops.api import door, problems
from jupyter_mlops.api.routing import PREFIX, Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import MlopsError, Unauthenticated
from jupyter_mlops.server import same_origin
from jupyter_mlops.server.hosted_core import HostedCore
from jupyter_mlops.server.identity import actor_for
from jupyter_mlops.server.sending import send
from jupyter_mlops.server.workroom import Workroom

PATTERN = rf"/{PREFIX}(?:/(?P<path>.*))?"
_READING = frozenset({"GET", "HEAD"})


@web.stream_request_body
class ApiHandler(APIHandler):
    """Answers every address below ``mlops/api``; what is not a route there is refused."""

    def initialize(self, hosted: HostedCore) -> None:
        """Prepare for one request; nothing is known of it yet."""
        self._hosted = hosted
        self._problem_id = problems.new_id()
        self._route: Route | None = None
        self._variables: dict[str, str] = {}
        self._actor: Actor | None = None
        self._data = bytearray()
        # Reading is what a panel does all day by itself; only changes show that somebody is there.
        self._track_activity = self.request.method not in _READING

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse whatever is not a permitted request of a known user, before any body is read."""
        same_origin.check(self)
        await super().prepare()
        if self.request.method == "OPTIONS":
            return
        if self.current_user is None:
            raise problems.of_status(401)
        if self.request.method in _READING:
            self.check_xsrf_cookie()
        method = "GET" if self.request.method == "HEAD" else str(self.request.method)
        self._route, self._variables = door.find(method, self.path_kwargs["path"] or "")
        self._actor = await actor_for(self, self.current_user, self._route)
        self._hosted.pace.take(self._actor.user)
        self._hosted.ask()
        header = self.request.headers
        length = _declared(header.get("Content-Length"))
        door.check_body_headers(self._route, header.get("Content-Type"), length)

    def data_received(self, chunk: bytes) -> None:
        """Collect a body, but never more than one piece over what the operation takes."""
        if self._route is not None and len(self._data) <= self._route.body_max_bytes:
            self._data += chunk

    @web.authenticated
    async def get(self, path: str | None) -> None:
        """Answer the operation that ``prepare`` found."""
        route, actor, workroom = self._route, self._actor, self._hosted.workroom
        if route is None or actor is None:
            raise problems.of_status(404)
        async with workroom.working.place(actor.user):
            response = await workroom.run(partial(self._work, route, actor), route.timeout)
        await self._send(response, actor, workroom)

    head = post = put = patch = delete = get

    @allow_unauthenticated
    def options(self, path: str | None) -> None:
        """Answer a browser's preflight; only configured origins get a useful answer."""
        super().options()

    def _work(self, route: Route, actor: Actor) -> Response:
        request = door.parse(
            route,
            actor,
            self._variables,
            self.request.query,
            self.request.headers,
            bytes(self._data),
        )
        return door.answer(self._hosted.core.services, route, request)

    async def _send(self, response: Response, actor: Actor, workroom: Workroom) -> None:
        self.set_status(response.status)
        for name, value in response.headers.items():
            self.set_header(name, value)
        if "Location" in response.headers:
            place = url_path_join(self.base_url, PREFIX, response.headers["Location"])
            self.set_header("Location", place)
        content_type = response.headers["Content-Type"]
        if isinstance(response.body, FileBlob):
            with response.body.file:
                async with workroom.sending.place(actor.user):
                    await send(self, response.body, workroom)
            self.finish(set_content_type=content_type)
        else:
            self.finish(response.body, set_content_type=content_type)

    def set_cors_headers(self) -> None:
        """Allow other origins only where the configuration names them, token or not."""
        origin = self.request.headers.get("Origin")
        if origin is not None and same_origin.is_configured(self, origin):
            super().set_cors_headers()

    def compute_etag(self) -> str | None:
        """Leave entity tags to the operations; Tornado would hash every answer."""
        return None

    def check_etag_header(self) -> bool:
        """Never answer 304 here; only blobs do, in ``sending``."""
        return False

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer every failure, ours or Tornado's, as problem details without its cause."""
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        if not isinstance(error, MlopsError):
            error = problems.of_status(status_code)
            if status_code == 403 and getattr(self, "_jupyter_current_user", None) is None:
                error = problems.of_status(Unauthenticated.status)
        self.set_status(error.status)
        for name, value in problems.headers_of(error).items():
            self.set_header(name, value)
        problem = problems.of(error, self._problem_id)
        self.finish(msgspec.json.encode(problem), set_content_type=problems.MEDIA_TYPE)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log an unexpected failure with its frames, but no message: that may quote the input."""
        if isinstance(value, (MlopsError, web.HTTPError)) or value is None:
            return
        frames = "".join(traceback.format_tb(tb))
        self.log.error(
            "Request %s failed with %s\n%s", self._problem_id, type(value).__name__, frames
        )

    def _log(self) -> None:
        """Log one line per request, naming the operation instead of the address as sent."""
        status = self.get_status()
        quiet = logging.DEBUG if status < 400 else logging.INFO
        self.log.log(
            quiet if status < 500 else logging.WARNING,
            "%d %s %s %.0f ms%s",
            status,
            self.request.method if self.request.method in self.SUPPORTED_METHODS else "?",
            f"/{PREFIX}/{self._route.path}" if self._route else f"/{PREFIX}/?",
            1_000 * self.request.request_time(),
            f" {self._problem_id}" if status >= 400 else "",
        )


def _declared(length: str | None) -> int | None:
    """Return a declared length in bytes; what is not a plausible number is left to Tornado."""
    if length is None or not length.isdecimal():
        return None
    return int(length[:16])
