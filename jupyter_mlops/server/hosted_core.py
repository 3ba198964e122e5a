"""A core in a Jupyter server: opened once the server answers, closed in time, heard by browsers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from logging import Logger
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_events import EventLogger
from jupyter_server.serverapp import ServerApp

from jupyter_mlops.core import Core, Parts
from jupyter_mlops.domain.mlflow_address import FindAddress, nowhere
from jupyter_mlops.home import HOME_VARIABLE
from jupyter_mlops.server import doors
from jupyter_mlops.server.activity import RunActivity
from jupyter_mlops.server.changes import ChangeSignal
from jupyter_mlops.server.default_provisioner import DefaultProvisioner
from jupyter_mlops.server.own_address import OwnAddress
from jupyter_mlops.server.pace import Pace
from jupyter_mlops.server.session_notebook import SessionFolders
from jupyter_mlops.server.tracked_kernels import TrackedKernels
from jupyter_mlops.server.workroom import Workroom
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.settings import Settings

CLOSE_SECONDS = 10.0
# Until then the server answers its first requests without a thread that imports beside it.
OPEN_AFTER_SECONDS = 0.5
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
        self._log = log
        self._activity = RunActivity(serverapp.web_app.settings, lambda: self.core.active_runs)
        self._signal: ChangeSignal | None = None
        self._opening: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()
        # Kernels inherit the environment of the server, and must find the same home.
        self._earlier_home = os.environ.get(HOME_VARIABLE)
        os.environ[HOME_VARIABLE] = str(settings.home)

    def start(self, event_logger: EventLogger | None, *, warm: bool) -> None:
        """Open the store soon, in a thread; with ``warm``, start the launcher a little later."""
        if event_logger is not None:
            self._signal = ChangeSignal(event_logger)
            self.core.on_change(self._signal.notify)
        self._activity.start()
        if self.core.settings.mlflow_in_kernels:
            self.kernels.start()
        self._opening = asyncio.create_task(self._open(warm=warm))

    def ask(self) -> None:
        """Open the store at once, if it is still to be opened: somebody wants to know something."""
        self._asked.set()

    async def _open(self, *, warm: bool) -> None:
        loop = asyncio.get_running_loop()
        try:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._asked.wait(), OPEN_AFTER_SECONDS)
            if self.core.settings.mlflow_in_kernels:
                # It looks through all that is installed. A kernel that starts before is not tracked.
                await loop.run_in_executor(None, self._provisioner.take_over)
            await loop.run_in_executor(None, self.core.start)
            self._activity.refresh()
            if warm:
                await asyncio.sleep(WARM_AFTER_SECONDS)
                await loop.run_in_executor(None, self.core.warm)
        except Exception as error:  # noqa: BLE001
            # Broad: nobody awaits this task; without this line a fault of ours would leave no trace.
            log_fault(self._log, "Jupyter MLOps could not start", error)

    async def stop(self) -> None:
        """Close the store within ten seconds; runs under way go on without this server."""
        self._activity.stop()
        if self._opening is not None:
            self._opening.cancel()
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
        if self._earlier_home is None:
            os.environ.pop(HOME_VARIABLE, None)
        else:
            os.environ[HOME_VARIABLE] = self._earlier_home
