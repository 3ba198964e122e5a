"""The kernels that people work in: each gets a token of its own, and loses it with its end.

Nothing here may delay or break the life of a kernel: what cannot be had in time is done without.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from logging import Logger
from typing import TYPE_CHECKING, TypeVar

from tornado.ioloop import PeriodicCallback

from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.domain.kernel_tokens import KernelEnd, KernelSession
from jupyter_mlops.domain.mlflow_address import FindAddress
from jupyter_mlops.execution.own_token import own_token, without_own
from jupyter_mlops.server.kernel_beginnings import Beginning, KernelBeginnings
from jupyter_mlops.server.kernel_starter import kernel_starter
from jupyter_mlops.server.session_notebook import SessionFolders
from jupyter_mlops.services.fault_log import log_fault

if TYPE_CHECKING:
    from jupyter_mlops.server.kernel_provisioner import MLOpsProvisioner

PATIENCE_SECONDS = 2.0
# Tokens live for a day.
RENEW_SECONDS = 3_600.0
# What could not be told to the store about a kernel's end is told again after this long.
RETRY_SECONDS = 10.0

T = TypeVar("T")


class TrackedKernels:
    """Knows the living kernels of this server; for its event loop, but for ``follow``."""

    def __init__(
        self,
        core: Core,
        address: FindAddress,
        folders: SessionFolders,
        log: Logger,
    ) -> None:
        self._core = core
        self._beginnings = KernelBeginnings(core, address, folders, log)
        self._log = log
        self._living: dict[str, MLOpsProvisioner] = {}
        self._untold: dict[str, KernelEnd] = {}
        # Those of them of which the log tells.
        self._warned: set[str] = set()
        # The name of each kernel's session, and the notebook that this is.
        self._places: dict[str, tuple[str | None, str | None]] = {}
        # One thread: what is told of a kernel is told in its order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mlops-kernels")
        self._renewed = time.monotonic()
        self._timer = PeriodicCallback(self._keep, RETRY_SECONDS * 1_000)
        self._closed = False

    def start(self) -> None:
        """Begin to renew tokens and to repeat what could not be told."""
        self._timer.start()

    async def begin(self, kernel: MLOpsProvisioner, environment: dict[str, str]) -> str | None:
        """Complete the environment of a kernel that is starting; return code for it to run first."""
        for name in environment.keys() - without_own(environment).keys():
            del environment[name]
        if self._closed:
            return None
        kernel_id = str(kernel.kernel_id)
        self._living[kernel_id] = kernel
        try:
            work = self._beginning(kernel, dict(environment))
            found = await asyncio.wait_for(work, PATIENCE_SECONDS)
        except asyncio.TimeoutError:
            self._log.warning(
                "Kernel %s starts without MLflow tracking: the store did not answer in time.",
                kernel_id,
            )
            return None
        except Exception as error:  # noqa: BLE001 - a kernel starts whatever is wrong with us
            # It has no token that could be revoked, unlike one that may still get it.
            self._living.pop(kernel_id, None)
            log_fault(self._log, f"Kernel {kernel_id} starts without MLflow tracking", error)
            return None
        if not own_token(found.variables):
            self._living.pop(kernel_id, None)
        environment.update(found.variables)
        return found.code

    async def _beginning(self, kernel: MLOpsProvisioner, environment: dict[str, str]) -> Beginning:
        # Whoever restarts it: it stays the kernel of who started it.
        kernel.starter = kernel.starter or await kernel_starter()
        if kernel.starter is None:
            return Beginning()
        return await self._do(partial(self._prepare, kernel, environment, kernel.starter))

    def _prepare(
        self, kernel: MLOpsProvisioner, environment: dict[str, str], starter: Actor
    ) -> Beginning:
        self._tell_end(str(kernel.kernel_id))
        return self._beginnings.prepare(kernel, environment, starter)

    def follow(self, session: KernelSession) -> None:
        """Note what the notebook of a kernel that asks is called now; for any thread."""
        kernel = self._living.get(session.kernel_id or "")
        if session.kernel_id is None or kernel is None:
            return
        name = kernel.session_name
        known = self._places.get(session.kernel_id)
        if known is None or known[0] != name:
            known = self._places[session.kernel_id] = name, self._beginnings.notebook(kernel)
        if known[1] != session.notebook:
            self._core.services.kernel_tokens.move(session.kernel_id, known[1])

    async def end(self, kernel: MLOpsProvisioner, end: KernelEnd) -> None:
        """Have the token of a kernel revoked, and what it left open closed."""
        kernel_id = str(kernel.kernel_id)
        if self._living.pop(kernel_id, None) is None or self._closed:
            return
        self._places.pop(kernel_id, None)
        self._untold[kernel_id] = end
        await asyncio.wait({self._do(self._tell_ends)}, timeout=PATIENCE_SECONDS)

    def _tell_ends(self) -> None:
        for kernel_id in list(self._untold):
            try:
                self._tell_end(kernel_id)
            except Exception as error:  # noqa: BLE001 - tried again, as nobody waits for it
                self._note_untold(kernel_id, error)
                if isinstance(error, Unavailable):
                    return  # The store is away, and with it the door that the tokens are for.

    def _note_untold(self, kernel_id: str, error: Exception) -> None:
        """Have an end told after the others from now on, and say once that it is not recorded."""
        end = self._untold.pop(kernel_id, None)
        if end is not None:
            self._untold.setdefault(kernel_id, end)
        if kernel_id not in self._warned:
            self._warned.add(kernel_id)
            log_fault(self._log, f"The end of kernel {kernel_id} is not recorded yet", error)

    def _tell_end(self, kernel_id: str) -> None:
        end = self._untold.get(kernel_id)
        if end is not None:
            self._core.services.kernel_tokens.end_kernel(kernel_id, end)
            self._untold.pop(kernel_id)
            self._warned.discard(kernel_id)

    def _keep(self) -> None:
        if self._untold:
            self._do(self._tell_ends)
        if self._living and time.monotonic() - self._renewed > RENEW_SECONDS:
            self._renewed = time.monotonic()
            self._do(partial(self._renew, list(self._living)))

    def _renew(self, kernel_ids: list[str]) -> None:
        try:
            self._core.services.kernel_tokens.renew(kernel_ids)
        except Exception as error:  # noqa: BLE001 - tried again, as nobody waits for it
            self._renewed -= RENEW_SECONDS
            log_fault(self._log, "The tokens of kernels could not be renewed", error)

    def _do(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Tell the store that all kernels end: the server is about to shut them down."""
        self._timer.stop()
        self._closed = True
        self._untold |= dict.fromkeys(self._living, KernelEnd.SHUT_DOWN)
        self._living.clear()
        if self._untold:
            await asyncio.wait({self._do(self._tell_ends)}, timeout=PATIENCE_SECONDS)
        self._thread.shutdown(wait=False)
