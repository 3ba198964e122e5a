"""One Tornado handler for every operation: checks in order, then the door, then the bytes out."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from functools import partial

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.utils import url_path_join
from tornado import web

from jupyter_mlops.api import problems
from jupyter_mlops.api.routing import Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.server import doors, kernel_identity, same_origin
from jupyter_mlops.server.activity import READING
from jupyter_mlops.server.identity import actor_for, with_scopes_of
from jupyter_mlops.server.late_core import LateCore
from jupyter_mlops.server.message import Message, declared_length
from jupyter_mlops.server.refusing import RefusingHandler
from jupyter_mlops.server.sending import send
from jupyter_mlops.server.turn import Turn
from jupyter_mlops.server.upload import Upload
from jupyter_mlops.server.workroom import Workroom


@web.stream_request_body
class ApiHandler(RefusingHandler):
    """Answers every address of one door; what is not a route there is refused."""

    def initialize(self, late: LateCore, door: str) -> None:
        """Prepare for one request; nothing is known of it yet."""
        self.answer_for(doors.door(door))
        self._late = late
        self._hosted = late.hosted
        self._variables: dict[str, str] = {}
        self._actor: Actor | None = None
        self._message = Message(0)
        self._upload: Upload | None = None
        self._turn = Turn()
        self._track_activity = self.request.method not in READING

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse whatever is not a permitted request of a known user, before any body is read."""
        try:
            await self._admit()
        except MlopsError as error:
            if not self.listens_on:
                raise
            self.refuse_early(error)

    async def _admit(self) -> None:
        same_origin.check(self)
        token = kernel_identity.token_of(self)
        if token is not None and self.request.method != "OPTIONS":
            self._late.ask()
            kernel = await kernel_identity.kernel_actor(self._hosted, self._door, token)
            self.know_kernel(kernel.user)
            await self._find(kernel)
            recognise = partial(kernel_identity.recognise, self._hosted, token)
            self._hosted.clients.remember_kernel(self, kernel.user, recognise)
            return
        await self._hosted.recognised.admit(self, super().prepare())
        if self.request.method == "OPTIONS":
            return
        if self.current_user is None:
            raise problems.of_status(401)
        if self.request.method in READING:
            self.check_xsrf_cookie()
        await self._find(None)

    async def _find(self, kernel: Actor | None) -> None:
        """Find the operation that is asked for, and refuse who may not have it."""
        method = "GET" if self.request.method == "HEAD" else str(self.request.method)
        self._route, self._variables = self._door.find(method, self.path_kwargs["path"] or "")
        self._message = Message(self._route.body_max_bytes)
        if kernel is None:
            self._actor = await actor_for(self, self.current_user, self._route)
            self._hosted.clients.remember(self)
        else:
            self._actor = with_scopes_of(kernel, self._route)
        if self._door.PACED:
            self._hosted.pace.take(self._actor.user)
        self._late.ask()
        header = self.request.headers
        length = declared_length(header)
        self._door.check_body_headers(self._route, header.get("Content-Type"), length)
        if self._route.upload:
            self._upload = await Upload.begin(self, self._hosted, self._actor, self._route, length)
        elif not self._door.PACED:
            places = self._hosted.workroom.tracking
            await self._turn.begin_before_message(places, self._actor.user, self)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Collect a body, but never more than one piece over what the operation takes."""
        if self.refused_early:
            return None
        if self._upload is not None:
            return self._upload.take(chunk)
        self._message.add(chunk)
        return None

    @web.authenticated
    async def get(self, path: str | None) -> None:
        """Answer the operation that ``prepare`` found."""
        if self.refused_early:
            self.finish()
            return
        route, actor, workroom = self._route, self._actor, self._hosted.workroom
        if route is None or actor is None:
            raise problems.of_status(404)
        places = workroom.working if self._door.PACED else workroom.tracking
        if self._upload is not None:
            await self._upload.complete(in_line=places.are_taken(actor.user))
        await self._turn.begin(places, actor.user)
        try:
            response = await workroom.run(partial(self._work, route, actor), route.timeout)
        finally:
            self._turn.end()
        await self._send(response, actor, workroom)

    head = post = put = patch = delete = get

    @allow_unauthenticated
    def options(self, path: str | None) -> None:
        """Answer a browser's preflight; only configured origins get a useful answer."""
        super().options()

    def _work(self, route: Route, actor: Actor) -> Response:
        request = self._door.parse(
            route,
            actor,
            self._variables,
            self.request.query,
            self.request.headers,
            bytes(self._message),
        )
        if self._upload is not None:
            request = replace(request, body=self._upload.arrived())
        return self._door.answer(self._hosted.core.services, route, request)

    async def _send(self, response: Response, actor: Actor, workroom: Workroom) -> None:
        self.set_status(response.status)
        for name, value in response.headers.items():
            self.set_header(name, value)
        if "Location" in response.headers:
            place = url_path_join(self.base_url, self._door.PREFIX, response.headers["Location"])
            self.set_header("Location", place)
        content_type = response.headers["Content-Type"]
        if isinstance(response.body, FileBlob):
            with response.body.file:
                async with workroom.sending.place(actor.user):
                    await send(self, response.body, workroom)
            self.finish(set_content_type=content_type)
        else:
            self.finish(response.body, set_content_type=content_type)

    def on_finish(self) -> None:
        """Leave nothing of an upload that was not kept."""
        self._let_go()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Leave nothing of an upload whose client went away."""
        self._let_go()
        super().on_connection_close()

    def _let_go(self) -> None:
        self._turn.end()
        if self._upload is not None:
            self._upload.discard()

    def set_secure_cookie(self, *_: object, **__: object) -> None:
        """Sign nobody in, as Jupyter does with whoever sends a token.

        A client that keeps cookies would hold a login that it did not ask for.
        """

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
