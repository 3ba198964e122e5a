"""A core in a Jupyter server: opened in threads, closed in time, heard by browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from logging import Logger
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.serverapp import ServerApp

from jupyter_mlops.core import Core, Parts
from jupyter_mlops.domain.mlflow_address import FindAddress, nowhere
from jupyter_mlops.server import doors
from jupyter_mlops.server.activity import RunActivity
from jupyter_mlops.server.changes import ChangeSignal
from jupyter_mlops.server.default_provisioner import DefaultProvisioner
from jupyter_mlops.server.known_clients import KnownClients
from jupyter_mlops.server.own_address import OwnAddress
from jupyter_mlops.server.pace import Pace
from jupyter_mlops.server.recognised import Recognised
from jupyter_mlops.server.session_notebook import SessionFolders
from jupyter_mlops.server.shortcut import Shortcut
from jupyter_mlops.server.tracked_kernels import TrackedKernels
from jupyter_mlops.server.workroom import Workroom
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.settings import Settings

CLOSE_SECONDS = 10.0
WARM_AFTER_SECONDS = 2.0


def _compose(
    address: FindAddress,
    settings: Settings,
    on_change: Callable[[int], None],
    kernel_specs: KernelSpecManager | None,
) -> Parts:
    # Late, in the thread that opens the store: SQLAlchemy must not slow the start of the server.
    from jupyter_mlops import bootstrap  # noqa: PLC0415

    doors.load()
    return bootstrap.compose(settings, on_change, kernel_specs, address=address)


class HostedCore:
    """The core, the threads it works in, and what tells the server and browsers of its life."""

    def __init__(
        self,
        settings: Settings,
        serverapp: ServerApp,
        log: Logger,
        requests_per_second: int,
    ) -> None:
        address = OwnAddress(serverapp, log).find if settings.mlflow_in_kernels else nowhere
        compose = partial(_compose, address)
        self.core = Core(settings, compose, serverapp.kernel_spec_manager)
        folders = SessionFolders(contents=settings.root, kernels=Path(serverapp.root_dir))
        self.kernels = TrackedKernels(self.core, address, folders, log)
        self._provisioner = DefaultProvisioner(serverapp, self.kernels)
        self.workroom = Workroom()
        self.pace = Pace(requests_per_second)
        self.recognised = Recognised()
        self.clients = KnownClients()
        self.shortcut = Shortcut(self, serverapp.web_app, serverapp.log)
        self._log = log
        self._activity = RunActivity(serverapp.web_app.settings, lambda: self.core.active_runs)
        self._events = serverapp.event_logger
        self._signal: ChangeSignal | None = None

    async def open(self, *, warm: bool) -> None:
        """Open the store, in a thread; with ``warm``, start the launcher a little later."""
        loop = asyncio.get_running_loop()
        if self._events is not None:
            self._signal = ChangeSignal(self._events)
            self.core.on_change(self._signal.notify)
        self._activity.start()
        if self.core.settings.mlflow_in_kernels:
            self.kernels.start()
            # It looks through all that is installed. A kernel that starts before is not tracked.
            await loop.run_in_executor(None, self._provisioner.take_over)
        await loop.run_in_executor(None, self.core.start)
        self._activity.refresh()
        if warm:
            await asyncio.sleep(WARM_AFTER_SECONDS)
            await loop.run_in_executor(None, self.core.warm)

    async def close(self) -> None:
        """Close the store within ten seconds; runs under way go on without this server."""
        self._activity.stop()
        self._provisioner.give_back()
        await self.kernels.close()
        if self._signal is not None:
            self._signal.close()
        closing = asyncio.get_running_loop().run_in_executor(None, self.core.close)
        try:
            await asyncio.wait_for(closing, CLOSE_SECONDS)
        except asyncio.TimeoutError:
            self._log.warning("The store did not close in time; it recovers at the next start.")
        except Exception as error:  # noqa: BLE001
            # Broad: a failure here, such as a home that was removed, would keep the whole Jupyter
            # server from ending.
            log_fault(
                self._log, "The store could not be closed; it recovers at the next start", error
            )
        self.workroom.close()
