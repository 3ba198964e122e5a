"""The core of a Jupyter server before anybody needs it: what it is made of is not imported yet.

A server that imports all of it first answers later, by the imports and by the collection of garbage
that so many new objects bring about.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from importlib import import_module
from logging import Logger
from typing import TYPE_CHECKING, Any

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import PathMatches, Router, Rule

from jupyter_mlops.home import HOME_VARIABLE
from jupyter_mlops.server import changes, doors
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.settings import Settings

if TYPE_CHECKING:
    from jupyter_mlops.server.handlers import ApiHandler
    from jupyter_mlops.server.hosted_core import HostedCore

# Until then the server answers its first requests without a thread that imports beside it.
OPEN_AFTER_SECONDS = 0.5


class LateCore:
    """Makes the core at the first request that is for it, or soon after the start; ends it."""

    def __init__(
        self, settings: Settings, serverapp: ServerApp, log: Logger, requests_per_second: int
    ) -> None:
        self._settings = settings
        self._serverapp = serverapp
        self._log = log
        self._requests_per_second = requests_per_second
        self._hosted: HostedCore | None = None
        self._opening: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()
        # Kernels inherit the environment of the server, and must find the same home.
        self._earlier_home = os.environ.get(HOME_VARIABLE)
        os.environ[HOME_VARIABLE] = str(settings.home)

    @property
    def hosted(self) -> HostedCore:
        """The core, made now if it has not been; its store is opened once somebody asks."""
        if self._hosted is None:
            from jupyter_mlops.server.hosted_core import HostedCore  # noqa: PLC0415 (not before)

            self._hosted = HostedCore(
                self._settings, self._serverapp, self._log, self._requests_per_second
            )
        return self._hosted

    def shortcut(self, request: HTTPServerRequest, path: bytes) -> HTTPMessageDelegate | None:
        """Return what answers a request without a handler; None before anybody is known."""
        return None if self._hosted is None else self._hosted.shortcut.find(request, path)

    @property
    def active_runs(self) -> int:
        """How many runs were queued or running when it was last looked."""
        return self._hosted.core.active_runs if self._hosted is not None else 0

    def start(self, *, warm: bool) -> None:
        """Open the store soon, in a thread; with ``warm``, start the launcher a little later."""
        if self._serverapp.event_logger is not None:
            changes.announce(self._serverapp.event_logger)
        self._opening = asyncio.create_task(self._open(warm=warm))

    def ask(self) -> None:
        """Open the store at once, if it is still to be opened: somebody wants to know something."""
        self._asked.set()

    async def _open(self, *, warm: bool) -> None:
        try:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._asked.wait(), OPEN_AFTER_SECONDS)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, import_module, "jupyter_mlops.server.handlers")
            await self.hosted.open(warm=warm)
        except Exception as error:  # noqa: BLE001
            # Broad: nobody awaits this task; without this line a fault of ours would leave no trace.
            log_fault(self._log, "Jupyter MLOps could not start", error)

    async def stop(self) -> None:
        """Close the store within ten seconds; runs under way go on without this server."""
        if self._opening is not None:
            self._opening.cancel()
        if self._hosted is not None:
            await self._hosted.close()
        if self._earlier_home is None:
            os.environ.pop(HOME_VARIABLE, None)
        else:
            os.environ[HOME_VARIABLE] = self._earlier_home


@web.stream_request_body
class _Entrance(web.RequestHandler):
    """Stands in Jupyter's table of addresses for ``ApiHandler``, and has it take every request."""

    def __new__(cls, *request: Any, late: LateCore, door: str) -> ApiHandler:  # type: ignore[misc]
        from jupyter_mlops.server.handlers import ApiHandler  # noqa: PLC0415 (not before)

        return ApiHandler(*request, late=late, door=door)


def addresses(late: LateCore) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """Return every address of every door, behind the one handler."""
    return [(pattern, _Entrance, {"late": late, "door": door}) for pattern, door in doors.DOORS]


class _Shortcut(Router):
    """Stands before all of Jupyter's addresses; what it has no answer to goes on to them."""

    def __init__(self, late: LateCore) -> None:
        self._late = late

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        """Return what answers a request at once, once there is a core that knows who asks."""
        return self._late.shortcut(request, kwargs["path_kwargs"]["path"])


def shorten(late: LateCore, application: web.Application) -> None:
    """Put the shortcut for MLflow's clients before the addresses of a server."""
    base = application.settings["base_url"]
    rules = [
        Rule(PathMatches(url_path_join(base, pattern)), _Shortcut(late))
        for pattern, door in doors.DOORS
        if door == doors.MLFLOW
    ]
    application.default_router.rules[:0] = rules
