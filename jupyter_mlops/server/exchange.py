"""One request on the shortcut and its answer: its message is collected, a thread works, bytes go out."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerRequest

from jupyter_mlops.api import problems
from jupyter_mlops.api.routing import Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.errors import MlopsError, Unauthenticated, Unavailable
from jupyter_mlops.server.activity import READING
from jupyter_mlops.server.known_clients import KnownClient
from jupyter_mlops.server.message import Message
from jupyter_mlops.server.reply import Reply
from jupyter_mlops.server.request_log import log_answer, log_failure
from jupyter_mlops.server.sending import send
from jupyter_mlops.server.turn import MESSAGE_SECONDS

if TYPE_CHECKING:
    from jupyter_mlops.server.shortcut import Shortcut


class Exchange(HTTPMessageDelegate):
    """Answers a request of a client that is known; ``leave`` gives back the place it has."""

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
        self._reply = Reply(request, client.answer_headers)
        self._message = Message(route.body_max_bytes)
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
        """Collect the message."""
        self._message.add(chunk)
        return None

    def finish(self) -> None:
        """Do what is asked for, in a thread: the whole message is there."""
        workroom, seconds = self._shortcut.hosted.workroom, self._route.timeout
        try:
            workroom.start(self._work, seconds, self._answer, self._fail)
        except Unavailable as error:
            self._fail(error)

    def on_connection_close(self) -> None:
        """Answer nobody, and make room for others."""
        self._gone = True
        self._let_go()

    def _work(self) -> Response:
        door, request = self._shortcut.door, self._request
        actor = self._client.actor(self._route)
        asked = door.parse(
            self._route,
            actor,
            self._variables,
            request.query,
            request.headers,
            bytes(self._message),
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
        except Exception as error:  # noqa: BLE001 - its client waits for an answer, or the end of one
            self._fail(error)

    async def _send(self, blob: FileBlob) -> None:
        workroom = self._shortcut.hosted.workroom
        try:
            with blob.file:
                async with workroom.sending.place(self._client.user):
                    await send(self._reply, blob, workroom)
            self._end()
        except Exception as error:  # noqa: BLE001 - as above, and nobody awaits this task
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Refuse what was asked for; a failure that nobody foresaw tells its place to the log alone."""
        self._let_go()
        problem_id = problems.new_id()
        log_failure(self._shortcut.log, error, error.__traceback__, problem_id)
        if isinstance(error, Unauthenticated):
            # Nobody any more: it is to have no place while it asks again.
            self._shortcut.hosted.clients.forget(self._client)
        if self._reply.begun:
            self._reply.break_off()
            self._log(problem_id)
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
        if self._client.is_somebody and request.method not in READING:
            self._shortcut.note_activity(request)
        if not self._gone:
            self._reply.finish(data)
        self._log(problem_id)

    def _log(self, problem_id: str) -> None:
        request = self._request
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
