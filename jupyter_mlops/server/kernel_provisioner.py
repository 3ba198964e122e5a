"""The provisioner of kernels that people work in: local as ever, and at home in this server.

It tells the server when a kernel starts and how it ends; what that means is for `tracked_kernels.py`.
Jupyter makes one for each kernel, by the entry point in `pyproject.toml`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.kernel_tokens import KernelEnd
from jupyter_mlops.process_identity import process_started
from jupyter_mlops.server.silent_code import send_silently

if TYPE_CHECKING:
    from jupyter_mlops.server.tracked_kernels import TrackedKernels

NAME = "mlops-provisioner"
# Where the server's settings hold its TrackedKernels.
SETTING = "jupyter_mlops_tracked_kernels"


class MLOpsProvisioner(LocalProvisioner):
    """Starts a kernel that MLflow's clients can log from."""

    starter: Actor | None = None
    _launch_env: Mapping[str, str] | None = None
    _code: str | None = None
    _sending: asyncio.Task[None] | None = None
    # Nothing is told of a kernel that has not begun, and its end only once.
    _begun = False

    @property
    def session_name(self) -> str | None:
        """Path of the notebook that the kernel is for; the server keeps it up to date."""
        return (self._launch_env or {}).get("JPY_SESSION_NAME")

    @property
    def speaks_python(self) -> bool:
        """Whether code in Python means anything to the kernel."""
        return str(self.kernel_spec.language).lower() == "python"

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Add to the environment what the server has for this kernel."""
        # The manager's own, not a copy: it changes when the notebook is renamed.
        self._launch_env = kwargs.get("env")
        kwargs = await super().pre_launch(**kwargs)
        tracked = self._tracked()
        if tracked is not None:
            self._begun = True
            self._code = await tracked.begin(self, kwargs["env"])
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the process."""
        try:
            return await super().launch_kernel(cmd, **kwargs)
        except BaseException:
            await self._end(KernelEnd.SHUT_DOWN)
            raise

    async def post_launch(self, **kwargs: Any) -> None:
        """Send the kernel what it shall run before all else."""
        await super().post_launch(**kwargs)
        if self._code is not None:
            work = send_silently(self.connection_info, self._code, self._is_alive)
            self._sending = asyncio.get_running_loop().create_task(work)

    async def poll(self) -> int | None:
        """Notice that the process is gone though nobody asked for it."""
        code = await super().poll()
        if code is not None and self.process is not None:
            # Code that calls `exit()` ends its kernel on purpose.
            await self._end(KernelEnd.DIED if code else KernelEnd.SHUT_DOWN)
        return code

    async def send_signal(self, signum: int) -> None:
        """Send a signal, the first of which may already be part of a shutdown."""
        if getattr(self.parent, "shutting_down", False):
            await self._asked_to_end()
        await super().send_signal(signum)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Note that the kernel is to leave by itself."""
        await self._asked_to_end()
        await super().shutdown_requested(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        """End the process with SIGTERM."""
        await self._asked_to_end()
        await super().terminate(restart=restart)

    async def kill(self, restart: bool = False) -> None:
        """End the process with SIGKILL."""
        await self._asked_to_end()
        await super().kill(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Release what belongs to the process, which is gone."""
        await self._end(KernelEnd.SHUT_DOWN)
        await super().cleanup(restart=restart)

    async def _is_alive(self) -> bool:
        return self.has_process and await self.poll() is None

    async def _asked_to_end(self) -> None:
        # Before the kernel leaves: MLflow's own exit handler would call FINISHED what is cut off.
        if await self.poll() is None:
            # A process whose threads are still being ended is dead, though nobody can wait for it.
            died = self.pid is not None and process_started(self.pid) is None
            await self._end(KernelEnd.DIED if died else KernelEnd.SHUT_DOWN)

    async def _end(self, end: KernelEnd) -> None:
        tracked = self._tracked()
        if self._begun and tracked is not None:
            self._begun = False
            if self._sending is not None:
                self._sending.cancel()
            await tracked.end(self, end)

    def _tracked(self) -> TrackedKernels | None:
        """Find the server that this kernel's manager belongs to, if it is one of ours."""
        at: Any = self.parent
        while at is not None:
            web_app = getattr(at, "web_app", None)
            if web_app is not None:
                found: TrackedKernels | None = web_app.settings.get(SETTING)
                return found
            at = getattr(at, "parent", None)
        return None
