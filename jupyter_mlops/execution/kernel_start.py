"""Starting the kernel of a run: forked warm where possible, else as its kernelspec says."""

from __future__ import annotations

import os
import time
from contextlib import suppress
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
    from collections.abc import Mapping

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
) -> StartedKernel:
    """Start the kernel and return at once; ``StartedKernel.check_start`` tells how it goes.

    ``environment`` is the whole of the kernel's. No thread may run yet. Raises KernelNotStarted.
    """
    folder = Path(orders.working_directory)
    if not folder.is_dir():
        raise KernelNotStarted(Reason.REFUSED, "The notebook's folder does not exist any more.")
    spec = KernelSpec(**kernel_spec)
    output = OutputTail()
    warm = orders.warm and can_be_warm(spec)
    if warm:
        manager = _manager(run, orders.kernel_name, spec, "ipc")
        _fork(manager, run, folder, environment, output, kernel_modules)
    else:
        manager = _spawn(run, orders.kernel_name, spec, folder, environment, output, stop)
    output.start()
    return StartedKernel(
        manager,
        warm=warm,
        start_timeout=orders.start_timeout,
        stop=stop,
        memory=memory,
        output=output,
    )


def _manager(run: RunDirectory, name: str, spec: KernelSpec, transport: str) -> KernelManager:
    run.connection.unlink(missing_ok=True)
    where = {}
    if transport == "ipc":
        run.sockets.mkdir(mode=0o700, exist_ok=True)
        where["ip"] = str(run.sockets / "k")
    manager = KernelManager(
        kernel_name=name, connection_file=str(run.connection), transport=transport, **where
    )
    manager._kernel_spec = spec  # the server found it, maybe not where we would
    return manager


def _fork(
    manager: KernelManager,
    run: RunDirectory,
    folder: Path,
    environment: Mapping[str, str],
    output: OutputTail,
    kernel_modules: frozenset[str],
) -> None:
    manager.write_connection_file()
    process = fork_kernel(run.connection, folder, environment, output.write_end, kernel_modules)
    provisioner = LocalProvisioner(
        parent=manager, kernel_id=run.run_id, kernel_spec=manager.kernel_spec
    )
    provisioner.process = process  # type: ignore[assignment] # has the same face
    provisioner.pid = provisioner.pgid = process.pid
    provisioner.connection_info = manager.get_connection_info()
    manager.kernel_id = run.run_id
    manager.provisioner = provisioner


def _spawn(
    run: RunDirectory,
    name: str,
    spec: KernelSpec,
    folder: Path,
    environment: Mapping[str, str],
    output: OutputTail,
    stop: StopFlag,
) -> KernelManager:
    transport = "tcp" if _runs_elsewhere(spec) else "ipc"
    manager = _launch(run, name, spec, transport, folder, environment, output)
    # Of Python kernels it is known that they speak IPC. Of another one the first socket proves
    # it; one that ends without a socket gets a second try over TCP.
    if transport == "ipc" and not is_ipykernel(spec.argv) and not _binds(manager, stop):
        manager = _launch(run, name, spec, "tcp", folder, environment, output)
    return manager


def _runs_elsewhere(spec: KernelSpec) -> bool:
    provisioner = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name")
    programs = {Path(argument).name for argument in spec.argv}
    return provisioner not in (None, "local-provisioner") or bool(programs & _ELSEWHERE)


def _launch(
    run: RunDirectory,
    name: str,
    spec: KernelSpec,
    transport: str,
    folder: Path,
    environment: Mapping[str, str],
    output: OutputTail,
) -> KernelManager:
    manager = _manager(run, name, spec, transport)
    try:
        manager.start_kernel(
            env=dict(environment),
            cwd=str(folder),
            stdout=output.write_end,
            stderr=output.write_end,
            extra_arguments=list(IPYKERNEL_ARGUMENTS) if is_ipykernel(spec.argv) else [],
        )
    except FileNotFoundError as error:
        raise KernelNotStarted(
            Reason.REFUSED,
            f"The kernel {spec.display_name!r} cannot start: "
            f"its program {Path(spec.argv[0]).name!r} was not found.",
        ) from error
    except OSError as error:
        raise KernelNotStarted(
            Reason.REFUSED,
            f"The kernel {spec.display_name!r} cannot start: {error.strerror}.",
        ) from error
    process = getattr(manager.provisioner, "process", None)
    if process is not None:
        with suppress(OSError):
            Path(f"/proc/{process.pid}/oom_score_adj").write_text(OOM_SCORE)
    return manager


def _binds(manager: KernelManager, stop: StopFlag) -> bool:
    """Wait until the kernel opens its shell socket; false if it ends before."""
    process = getattr(manager.provisioner, "process", None)
    path = f"{manager.ip}-{manager.shell_port}"
    deadline = time.monotonic() + 30.0
    while process is not None and stop.reason is None and time.monotonic() < deadline:
        if os.path.exists(path):  # noqa: PTH110 - asked often
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.01)
    return True
