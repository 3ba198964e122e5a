"""Starting the kernel of a run: forked warm where possible, else as its kernelspec says."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from jupyter_mlops.domain.runs import Reason
from jupyter_mlops.execution.kernel_output import OutputTail
from jupyter_mlops.execution.started_kernel import KernelNotStarted, StartedKernel
from jupyter_mlops.execution.warm_kernel import (
    IPYKERNEL_ARGUMENTS,
    OOM_SCORE,
    can_be_warm,
    fork_kernel,
    is_ipykernel,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.domain.run_spec import RunSpec
    from jupyter_mlops.execution.oom import OutOfMemoryWatch
    from jupyter_mlops.execution.run_directory import RunDirectory
    from jupyter_mlops.execution.stop_flag import StopFlag

# What these start cannot see a socket in our file system.
_ELSEWHERE = frozenset(
    {"apptainer", "docker", "kubectl", "nerdctl", "podman", "singularity", "srun", "ssh"}
)


def start_kernel(
    run: RunDirectory,
    orders: RunSpec,
    kernel_spec: Mapping[str, Any],
    environment: Mapping[str, str],
    kernel_modules: frozenset[str],
    stop: StopFlag,
    memory: OutOfMemoryWatch,
    start_threads: Callable[[], None] = lambda: None,
) -> StartedKernel:
    """Start the kernel and return soon; ``StartedKernel.check_start`` tells how it goes.

    ``environment`` is the whole of the kernel's. No thread may run yet; ``start_threads`` is
    called as soon as some may. Raises KernelNotStarted.
    """
    deadline = time.monotonic() + orders.start_timeout
    folder = Path(orders.working_directory)
    if not folder.is_dir():
        raise KernelNotStarted(Reason.REFUSED, "The notebook's folder does not exist any more.")
    spec = KernelSpec(**kernel_spec)
    output = OutputTail()
    start = _Start(run, orders.kernel_name, spec, folder, environment, output)
    warm = orders.warm and can_be_warm(spec)
    if warm:
        manager = start.fork(kernel_modules)
    start_threads()
    output.start()
    if not warm:
        manager = start.spawn(stop, deadline)
    output.seal()
    return StartedKernel(
        manager,
        warm=warm,
        start_timeout=orders.start_timeout,
        deadline=deadline,
        stop=stop,
        memory=memory,
        output=output,
    )


@dataclass(frozen=True)
class _Start:
    """What every way to start a kernel needs to know."""

    run: RunDirectory
    name: str
    spec: KernelSpec
    folder: Path
    environment: Mapping[str, str]
    output: OutputTail

    def fork(self, kernel_modules: frozenset[str]) -> KernelManager:
        """Fork a warm kernel."""
        manager = self._manager("ipc")
        manager.write_connection_file()
        process = fork_kernel(
            self.run.connection,
            self.folder,
            self.environment,
            self.output.write_end,
            kernel_modules,
        )
        provisioner = LocalProvisioner(
            parent=manager, kernel_id=self.run.run_id, kernel_spec=self.spec
        )
        provisioner.process = process  # type: ignore[assignment] # has the same face
        provisioner.pid = provisioner.pgid = process.pid
        provisioner.connection_info = manager.get_connection_info()
        manager.kernel_id = self.run.run_id
        manager.provisioner = provisioner
        return manager

    def spawn(self, stop: StopFlag, deadline: float) -> KernelManager:
        """Start a kernel as its kernelspec says, over IPC if it can be."""
        if _runs_elsewhere(self.spec):
            return self._launch("tcp")
        manager = self._launch("ipc")
        # Of ipykernel it is known that it speaks IPC. Of another kernel the first socket proves
        # it; one that ends without a socket gets a second try over TCP.
        if is_ipykernel(self.spec.argv) or _binds(manager, stop, deadline):
            return manager
        return self._launch("tcp")

    def _manager(self, transport: str) -> KernelManager:
        self.run.connection.unlink(missing_ok=True)
        where = {}
        if transport == "ipc":
            self.run.sockets.mkdir(mode=0o700, exist_ok=True)
            where["ip"] = str(self.run.sockets / "k")
        manager = KernelManager(
            kernel_name=self.name,
            connection_file=str(self.run.connection),
            transport=transport,
            **where,
        )
        manager._kernel_spec = self.spec  # the server found it, maybe not where we would
        return manager

    def _launch(self, transport: str) -> KernelManager:
        manager = self._manager(transport)
        kernel = self.spec.display_name
        try:
            manager.start_kernel(
                env=dict(self.environment),
                cwd=str(self.folder),
                stdout=self.output.write_end,
                stderr=self.output.write_end,
                extra_arguments=list(IPYKERNEL_ARGUMENTS) if is_ipykernel(self.spec.argv) else [],
            )
        except FileNotFoundError as error:
            program = Path(self.spec.argv[0]).name
            raise KernelNotStarted(
                Reason.REFUSED,
                f"The kernel {kernel!r} cannot start: its program {program!r} was not found.",
            ) from error
        except OSError as error:
            raise KernelNotStarted(
                Reason.REFUSED, f"The kernel {kernel!r} cannot start: {error.strerror}."
            ) from error
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            with suppress(OSError):
                Path(f"/proc/{process.pid}/oom_score_adj").write_text(OOM_SCORE)
        return manager


def _runs_elsewhere(spec: KernelSpec) -> bool:
    provisioner = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name")
    programs = {Path(argument).name for argument in spec.argv}
    return provisioner not in (None, "local-provisioner") or bool(programs & _ELSEWHERE)


def _binds(manager: KernelManager, stop: StopFlag, deadline: float) -> bool:
    """Wait until the kernel opens its shell socket; false if it ends before."""
    process = getattr(manager.provisioner, "process", None)
    path = f"{manager.ip}-{manager.shell_port}"
    while process is not None and stop.reason is None and time.monotonic() < deadline:
        if os.path.exists(path):  # noqa: PTH110 - asked often
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.01)
    return True
