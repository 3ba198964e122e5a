"""Starting the kernel of a run: forked warm where possible, else as its kernelspec says."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from jupyter_mlops.domain.runs import Reason
from jupyter_mlops.execution.kernel_output import OutputTail
from jupyter_mlops.execution.process_tree import descendants, kill
from jupyter_mlops.execution.socket_folder import make_own
from jupyter_mlops.execution.started_kernel import (
    KernelNotStarted,
    StartedKernel,
    StoppedWhileStarting,
)
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
    forget: Callable[[], None] = lambda: None,
    *,
    over_tcp: bool = False,
) -> StartedKernel:
    """Start the kernel and return soon; ``StartedKernel.check_start`` tells how it goes.

    ``environment`` is the whole of the kernel's. No thread may run yet; ``start_threads`` is
    called as soon as some may, ``forget`` in a kernel that is a fork of us, of what it need not
    know. ``over_tcp``: it is known not to speak IPC. Raises KernelNotStarted or
    StoppedWhileStarting.
    """
    deadline = time.monotonic() + orders.start_timeout
    folder = Path(orders.working_directory)
    if not folder.is_dir():
        raise KernelNotStarted(Reason.REFUSED, "The notebook's folder does not exist any more.")
    spec = KernelSpec(**kernel_spec)
    output = OutputTail()
    start = _Start(
        run, orders.kernel_name, spec, folder, environment, output, orders.start_timeout, stop
    )
    warm = orders.warm and can_be_warm(spec)
    if warm:
        manager = start.fork(kernel_modules, forget)
    start_threads()
    output.start()
    if not warm:
        manager, deadline = start.spawn(deadline, over_tcp=over_tcp)
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
    start_timeout: float
    stop: StopFlag

    def fork(self, kernel_modules: frozenset[str], forget: Callable[[], None]) -> KernelManager:
        """Fork a warm kernel."""
        manager = self._manager("tcp" if self.run.sockets is None else "ipc")
        manager.write_connection_file()
        process = fork_kernel(
            self.run.connection,
            self.folder,
            self.environment,
            self.output.write_end,
            kernel_modules,
            forget,
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

    def spawn(self, deadline: float, *, over_tcp: bool) -> tuple[KernelManager, float]:
        """Start a kernel as its kernelspec says, over IPC if it can be; return its deadline too."""
        if over_tcp or _runs_elsewhere(self.spec) or self.run.sockets is None:
            return self._launch("tcp", deadline), deadline
        manager = self._launch("ipc", deadline)
        # Of ipykernel it is known that it speaks IPC. Of another kernel the first socket proves
        # it. One that ends without a socket, or has none after a while (JeroMQ and NetMQ listen to
        # something else and say nothing), gets a second try over TCP.
        if is_ipykernel(self.spec.argv) or self._binds(manager):
            return manager, deadline
        _end(manager)
        deadline = time.monotonic() + self.start_timeout
        return self._launch("tcp", deadline), deadline

    def _binds(self, manager: KernelManager) -> bool:
        """Wait until the kernel opens its shell socket; false if it ends before, or does not."""
        process = getattr(manager.provisioner, "process", None)
        path = f"{manager.ip}-{manager.shell_port}"
        until = time.monotonic() + ipc_patience(self.start_timeout)
        while process is not None and self.stop.reason is None:
            if os.path.exists(path):  # noqa: PTH110 - asked often
                return True
            if process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def _manager(self, transport: str) -> KernelManager:
        self.run.connection.unlink(missing_ok=True)
        where = {}
        if transport == "ipc" and (sockets := self.run.sockets) is not None:
            try:
                make_own(sockets)
            except PermissionError as error:
                raise KernelNotStarted(
                    Reason.REFUSED,
                    "Somebody else made the folder in which the kernel's sockets were to be. "
                    "Run again: each run has another name.",
                ) from error
            where["ip"] = str(sockets / "k")
        manager = KernelManager(
            kernel_name=self.name,
            connection_file=str(self.run.connection),
            transport=transport,
            **where,
        )
        manager._kernel_spec = self.spec  # the server found it, maybe not where we would
        return manager

    def _launch(self, transport: str, deadline: float) -> KernelManager:
        manager = self._manager(transport)
        kernel = self.spec.display_name
        try:
            self._in_time(deadline, lambda: self._start(manager))
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

    def _start(self, manager: KernelManager) -> None:
        # `start_kernel` does the same in an event loop that it leaves open in each thread.
        asyncio.run(
            manager._async_start_kernel(
                env=dict(self.environment),
                cwd=str(self.folder),
                stdout=self.output.write_end,
                stderr=self.output.write_end,
                extra_arguments=list(IPYKERNEL_ARGUMENTS) if is_ipykernel(self.spec.argv) else [],
            )
        )

    def _in_time(self, deadline: float, work: Callable[[], None]) -> None:
        """Do ``work``, and wait for it no longer than the kernel may take to start.

        The folder may be on a network that is away, the provisioner one that waits for a cluster.
        """
        done: Future[None] = Future()

        def do() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                done.set_exception(error)
            else:
                done.set_result(None)

        threading.Thread(target=do, name="kernel-launch", daemon=True).start()
        while not wait([done], timeout=0.05).done:
            if self.stop.reason is not None:
                raise StoppedWhileStarting
            if time.monotonic() > deadline:
                raise KernelNotStarted(
                    Reason.START_TIMEOUT,
                    f"The kernel {self.spec.display_name!r} was not started within "
                    f"{self.start_timeout:g} s.",
                )
        done.result()


def ipc_patience(start_timeout: float) -> float:
    """Return how many seconds a kernel may take to open its first socket in our folder."""
    return min(10.0, start_timeout / 3)


def _end(manager: KernelManager) -> None:
    """Kill a kernel that nobody can speak to, and its children; what left it ends with the run."""
    process = getattr(manager.provisioner, "process", None)
    if process is not None and process.poll() is None:
        kill([process.pid, *descendants(process.pid)])
        process.wait()


def _runs_elsewhere(spec: KernelSpec) -> bool:
    provisioner = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name")
    programs = {Path(argument).name for argument in spec.argv}
    return provisioner not in (None, "local-provisioner") or bool(programs & _ELSEWHERE)
