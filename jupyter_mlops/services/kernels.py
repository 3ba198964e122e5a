"""Kernels: which there are, which one a notebook gets, and whether it starts."""

from __future__ import annotations

import threading

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Busy, KernelUnavailable
from jupyter_mlops.domain.kernels import KernelCheck, KernelList, KernelSpecInfo, is_same_kernel
from jupyter_mlops.execution.kernel_check import check_kernel
from jupyter_mlops.execution.kernelspecs import InstalledKernels
from jupyter_mlops.execution.tcp_kernels import TcpKernels
from jupyter_mlops.services.permissions import require

CHECK_SECONDS = 60.0
CHECKS_MAX = 2
_SHOWN_MAX = 10


class KernelService:
    """What can be asked of kernels; the environment is the one that the kernels of runs get."""

    def __init__(
        self,
        installed: InstalledKernels | None = None,
        *,
        time_limit: float = CHECK_SECONDS,
        environment_mode: str = "deny",
        environment_allowed: tuple[str, ...] = (),
        tcp_kernels: TcpKernels | None = None,
    ) -> None:
        self._installed = InstalledKernels() if installed is None else installed
        self._time_limit = time_limit
        self._environment_mode = environment_mode
        self._environment_allowed = environment_allowed
        self._tcp_kernels = TcpKernels() if tcp_kernels is None else tcp_kernels
        self._checks = threading.BoundedSemaphore(CHECKS_MAX)

    def list(self, actor: Actor) -> KernelList:
        """Return all installed kernelspecs, the default first."""
        require(actor, "read", "mlops:kernels")
        return KernelList(kernels=self._installed.infos())

    def resolve(self, name: str | None, language: str) -> KernelSpecInfo:
        """Return the kernel of this name, or the best for a language when there is no name.

        Raises KernelUnavailable when none is installed.
        """
        infos = self._installed.infos()
        if name is not None:
            for info in infos:
                if is_same_kernel(info.name, name):
                    return info
            raise KernelUnavailable(_missing(infos), field="kernel_name")
        for info in infos:
            if info.language == language:
                return info
        raise KernelUnavailable(
            f"No kernel for {language} is installed here. Install one, or choose a kernel.",
            field="kernel_name",
        )

    def check(self, actor: Actor, name: str) -> KernelCheck:
        """Start a kernel for real and tell whether it answers; it is ended again."""
        require(actor, "execute", "mlops:kernels")
        info = self.resolve(name, "")
        spec = self._installed.spec(info.name)
        if spec is None:
            raise KernelUnavailable(_missing(self._installed.infos()), field="kernel_name")
        if not self._checks.acquire(blocking=False):
            raise Busy("Other kernels are being checked; try again in a moment.")
        try:
            report = check_kernel(
                info.name,
                spec,
                time_limit=self._time_limit,
                environment_mode=self._environment_mode,
                environment_allowed=self._environment_allowed,
                tcp_kernels=self._tcp_kernels,
            )
        finally:
            self._checks.release()
        return KernelCheck(
            name=info.name,
            ok=report.ok,
            message=report.message,
            duration_ms=report.duration_ms,
            implementation=report.implementation,
            language_version=report.language_version,
        )


def _missing(infos: list[KernelSpecInfo]) -> str:
    if not infos:
        return "This kernel is not installed here, and no other is. Install ipykernel."
    names = ", ".join(info.name for info in infos[:_SHOWN_MAX])
    return f"This kernel is not installed here. Choose one of: {names}."
