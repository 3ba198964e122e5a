"""Plain requests of clients that Jupyter let in a moment ago, answered with no handler around them.

To make Jupyter's handler, and to have it find out again what it found out for the request before, takes
longer than most of what clients of MLflow ask for. Whatever is out of the ordinary goes the usual way:
another client, a browser, an upload, a request that has to wait or is to be refused before it is read.
"""

from __future__ import annotations

from datetime import datetime, timezone
from logging import Logger
from typing import TYPE_CHECKING

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.web import Application

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.server import doors
from jupyter_mlops.server.activity import READING
from jupyter_mlops.server.exchange import Exchange
from jupyter_mlops.server.message import declared_length

if TYPE_CHECKING:
    from jupyter_mlops.api.door import Door
    from jupyter_mlops.server.hosted_core import HostedCore


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
        return None if leave is None else Exchange(self, request, client, *found, leave)

    def _route(
        self, request: HTTPServerRequest, path: bytes
    ) -> tuple[Route, dict[str, str]] | None:
        """Return the operation that is asked for, None for what needs another look."""
        method, headers = request.method or "", request.headers
        length = declared_length(headers)
        if length is None and (method not in READING or "Content-Length" in headers):
            return None
        try:
            route, variables = self.door.find(method, path.decode())
            self.door.check_body_headers(route, headers.get("Content-Type"), length)
        except (MlopsError, UnicodeDecodeError):
            return None
        return None if route.upload else (route, variables)

    def note_activity(self, request: HTTPServerRequest) -> None:
        """Let the server know that somebody is there, as its own handlers do."""
        if "no_track_activity" not in request.query_arguments:
            self._application.settings["api_last_activity"] = datetime.now(timezone.utc)
