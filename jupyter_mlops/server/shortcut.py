"""Plain requests of clients that Jupyter let in a moment ago, answered with no handler around them.

To make Jupyter's handler, and to have it find out again what it found out for the request before, takes
longer than most of what clients of MLflow ask for. Whatever is out of the ordinary goes the usual way:
another client, a browser, an upload, a request that has to wait or is to be refused before it is read.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from logging import Logger
from typing import TYPE_CHECKING, Any, cast

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerRequest
from tornado.web import Application

from jupyter_mlops.api import problems
from jupyter_mlops.api.routing import Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.server import doors
from jupyter_mlops.server.declared_length import declared_length
from jupyter_mlops.server.known_clients import KnownClient
from jupyter_mlops.server.reply import Reply
from jupyter_mlops.server.request_log import log_answer, log_failure
from jupyter_mlops.server.sending import send
from jupyter_mlops.server.turn import MESSAGE_SECONDS

if TYPE_CHECKING:
    from jupyter_mlops.api.door import Door
    from jupyter_mlops.server.hosted_core import HostedCore

_READING = "GET"


class Shortcut:
    """Finds what answers a request at once."""

    def __init__(self, hosted: HostedCore, application: Application, log: Logger) -> None:
        self.hosted = hosted
        self.log = log
        self._application = application

    @property
    def door(self) -> Door:
        """The door of MLflow's clients."""
        return doors.door(doors.MLFLOW)

    def find(self, request: HTTPServerRequest, path: bytes) -> HTTPMessageDelegate | None:
        """Return what answers a request like one that was let in; None sends it the usual way."""
        client = self.hosted.clients.find(request.headers)
        # A token in the address is refused, whatever it is; what packs answers knows handlers only.
        if client is None or "token" in request.query_arguments or self._application.transforms:
            return None
        found = self._route(request, path)
        if found is None:
            return None
        leave = self.hosted.workroom.tracking.take_free(client.user)
        return None if leave is None else _Exchange(self, request, client, *found, leave)

    def _route(
        self, request: HTTPServerRequest, path: bytes
    ) -> tuple[Route, dict[str, str]] | None:
        """Return the operation that is asked for, None for what needs another look."""
        method, headers = request.method or "", request.headers
        length = declared_length(headers)
        if length is None and method != _READING:
            return None
        try:
            route, variables = self.door.find(method, path.decode())
            self.door.check_body_headers(route, headers.get("Content-Type"), length)
        except (MlopsError, UnicodeDecodeError):
            return None
        return None if route.upload else (route, variables)

    def note_activity(self) -> None:
        """Let the server know that somebody is there, as its own handlers do."""
        self._application.settings["api_last_activity"] = datetime.now(timezone.utc)


class _Exchange(HTTPMessageDelegate):
    """One request and its answer."""

    def __init__(
        self,
        shortcut: Shortcut,
        request: HTTPServerRequest,
        client: KnownClient,
        route: Route,
        variables: dict[str, str],
        leave: Callable[[], None],
    ) -> None:
        self._shortcut = shortcut
        self._request = request
        self._route = route
        self._variables = variables
        self._client = client
        self._actor = client.actor(route)
        self._reply = Reply(request, client.answer_headers)
        self._data = b""
        self._leave: Callable[[], None] | None = leave
        self._gone = False
        self._sending: asyncio.Task[None] | None = None

    def headers_received(self, start_line: object, headers: HTTPHeaders) -> Awaitable[None] | None:
        """Hear when the client goes, and wait for its message only so long."""
        # While it is read a request has its connection; the stubs do not say so.
        connection: Any = self._request.connection
        connection.set_close_callback(self.on_connection_close)
        connection.set_body_timeout(MESSAGE_SECONDS)
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Collect the message; how long it is was looked at before."""
        self._data += chunk
        return None

    def finish(self) -> None:
        """Do what is asked for, in a thread: the whole message is there."""
        self._shortcut.hosted.workroom.start(
            self._work, self._route.timeout, self._answer, self._fail
        )

    def on_connection_close(self) -> None:
        """Answer nobody, and make room for others."""
        self._gone = True
        self._let_go()

    def _work(self) -> Response:
        door, request = self._shortcut.door, self._request
        asked = door.parse(
            self._route, self._actor, self._variables, request.query, request.headers, self._data
        )
        return door.answer(self._shortcut.hosted.core.services, self._route, asked)

    def _answer(self, response: Response) -> None:
        self._let_go()
        try:
            self._begin(response)
            body = response.body
            if not isinstance(body, FileBlob):
                self._end(body)
            elif isinstance(body.file, io.BytesIO):
                self._end(body.file.getvalue())
            else:
                self._sending = asyncio.create_task(self._send(body))
        except Exception as error:  # noqa: BLE001
            # Broad: its client waits for an answer, or for the end of one.
            self._fail(error)

    async def _send(self, blob: FileBlob) -> None:
        workroom = self._shortcut.hosted.workroom
        try:
            with blob.file:
                async with workroom.sending.place(self._actor.user):
                    await send(self._reply, blob, workroom)
            self._end()
        except Exception as error:  # noqa: BLE001
            # Broad: as above, and nobody awaits this task.
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Refuse what was asked for; a failure that nobody foresaw tells its place to the log alone."""
        self._let_go()
        problem_id = problems.new_id()
        log_failure(self._shortcut.log, error, error.__traceback__, problem_id)
        if self._reply.begun:
            self._reply.break_off()
            return
        told = error if isinstance(error, MlopsError) else problems.of_status(500)
        refusal = self._shortcut.door.refuse(told, problem_id)
        # Anew: nothing of what should have been the answer belongs to this one.
        self._reply = Reply(self._request, self._client.answer_headers)
        self._begin(refusal)
        self._end(cast(bytes, refusal.body), problem_id)  # never a blob

    def _begin(self, response: Response) -> None:
        self._reply.set_status(response.status)
        for name, value in response.headers.items():
            self._reply.set_header(name, value)

    def _end(self, data: bytes = b"", problem_id: str = "") -> None:
        request = self._request
        if request.method != _READING:
            self._shortcut.note_activity()
        if not self._gone:
            self._reply.finish(data)
        log_answer(
            self._shortcut.log,
            self._shortcut.door,
            self._route,
            str(request.method),
            self._reply.status,
            request.request_time(),
            problem_id,
        )

    def _let_go(self) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()
