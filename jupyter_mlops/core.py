"""The core of a host: opens after the host answers, and says why while it is not open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from jupyter_mlops._version import __version__
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import MlopsError, Unavailable
from jupyter_mlops.domain.server_status import ServerStatus
from jupyter_mlops.services import OpenServices, Services
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.services.permissions import require
from jupyter_mlops.settings import Settings

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpecManager

RETRY_SECONDS = 3.0

_LOG = logging.getLogger(__name__)


class Parts(Protocol):
    """What there is only while the store is open; `bootstrap.compose` makes it."""

    @property
    def services(self) -> OpenServices:
        """What can be done."""

    @property
    def active_runs(self) -> int:
        """How many runs were queued or running when the dispatcher last looked."""

    def status(self, actor: Actor) -> ServerStatus:
        """Return the state of store and queue."""

    def warm(self) -> None:
        """Start the launcher ahead of the first run."""

    def close(self) -> None:
        """Stop the threads and close the store."""


# Opens the store of these settings; calls back after each change; may get the host's kernelspecs.
Compose = Callable[[Settings, Callable[[int], None], "KernelSpecManager | None"], Parts]


class Core:
    """One opened or opening instance of the product in this process.

    Making it opens nothing. ``start`` opens the store in the calling thread; while that has not
    happened every service raises Unavailable, and after a failure the reason, with a new attempt
    at most every three seconds, so that a mended disk needs no restart.
    """

    def __init__(
        self,
        settings: Settings,
        compose: Compose,
        kernel_specs: KernelSpecManager | None = None,
    ) -> None:
        """``compose`` is `bootstrap.compose`; ``kernel_specs`` the host's own manager, if any.

        That may know more kernels than are installed here, or allow fewer.
        """
        self.settings = settings
        self._compose = compose
        self._kernel_specs = kernel_specs
        self.services = Services(self._services, self._status)
        self._listeners: list[Callable[[int], None]] = []
        self._lock = threading.Lock()
        self._parts: Parts | None = None
        self._failure: MlopsError | None = None
        self._tried = 0.0
        self._closed = False

    def on_change(self, listener: Callable[[int], None]) -> None:
        """Call ``listener(seq)`` in another thread after each commit, coalesced."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Open the store and start to dispatch; a failure is kept and told by every service."""
        with self._lock:
            if self._parts is not None or self._closed:
                return
            self._tried = time.monotonic()
            try:
                self._parts = self._compose(self.settings, self._changed, self._kernel_specs)
                self._failure = None
            except MlopsError as error:
                self._failure = error
            except Exception as error:  # noqa: BLE001
                # Broad: a fault of ours must be seen in the panel, not leave it starting for ever.
                log_fault(_LOG, "The core could not start", error)
                self._failure = MlopsError("Jupyter MLOps could not start; see the server's log.")

    def demand(self) -> None:
        """Return once the store is open, opened here if need be; raise the reason why it is not."""
        if self._parts is None and self._failure is None:
            self.start()
        self.check()

    def check(self) -> None:
        """Raise the reason why the store is not open, if it is not."""
        self._services()

    def warm(self) -> None:
        """Start the launcher ahead of the first run."""
        if self._parts is not None:
            self._parts.warm()

    def close(self) -> None:
        """Stop dispatching and close the store; runs under way go on without it."""
        with self._lock:
            self._closed = True
            parts, self._parts = self._parts, None
        if parts is not None:
            parts.close()

    @property
    def active_runs(self) -> int:
        """How many runs were queued or running when the dispatcher last looked."""
        return self._parts.active_runs if self._parts is not None else 0

    def _changed(self, seq: int) -> None:
        for listener in self._listeners:
            listener(seq)

    def _services(self) -> OpenServices:
        parts = self._parts
        if parts is None and self._failure is not None:
            if time.monotonic() - self._tried > RETRY_SECONDS:
                self.start()
                parts = self._parts
            if parts is None:
                raise self._failure
        if parts is None:
            raise Unavailable("The store is being opened; try again in a moment.")
        return parts.services

    def _status(self, actor: Actor) -> ServerStatus:
        require(actor, "read", "mlops:server")
        message = None
        try:
            self._services()
        except MlopsError as error:
            message = None if self._failure is None else error.message
        parts = self._parts
        if parts is not None:
            return parts.status(actor)
        return ServerStatus(
            version=__version__,
            state="starting" if message is None else "failed",
            message=message,
            user=actor.user,
            seq=0,
            dispatching=False,
            concurrency=self.settings.concurrency,
            scheduled=0,
            running=0,
        )
