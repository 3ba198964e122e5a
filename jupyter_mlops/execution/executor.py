"""The executors: where runs are started, watched and ended; here those on this machine."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from jupyter_mlops.domain.errors import DiskFull, KernelUnavailable, Unavailable
from jupyter_mlops.domain.names import is_run_id
from jupyter_mlops.domain.spool import RunClosed, RunOpened
from jupyter_mlops.execution.kernel_environment import run_environment
from jupyter_mlops.execution.launch_request import LaunchRequest
from jupyter_mlops.execution.launcher_client import LauncherClient
from jupyter_mlops.execution.process_tree import kill_family
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.execution.spool import read_closing, read_records
from jupyter_mlops.execution.tcp_kernels import TcpKernels
from jupyter_mlops.execution.unfinished import close_unfinished
from jupyter_mlops.process_identity import boot_id, is_before_restart, is_running

if TYPE_CHECKING:
    from jupyter_mlops.domain.run_spec import RunResult, RunSpec

# A worker beats once a second; this long without it, a run that cannot be seen counts as ended.
SILENCE_SECONDS = 20.0
# A heartbeat from further in the future is one from before the clock was set back.
CLOCK_TOLERANCE_SECONDS = 5.0
# A run that a notebook or script opened beats only when it logs. Where its process cannot be seen,
# it counts as lost after this long. What it logs later is stored, and its end replaces the loss.
OPENER_SILENCE_SECONDS = 3600.0


# What to add to the environment that a kernel would have.
MoreVariables = Callable[[Mapping[str, str]], Mapping[str, str]]


def no_more(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Add nothing."""
    return {}


class Executor(Protocol):
    """What the dispatcher asks of a place where runs run."""

    def warm(self) -> None:
        """Prepare for the first run, in the background; may be called often, by any thread."""
        ...

    def prepare(self, spec: RunSpec, source: bytes | Path) -> None:
        """Make the run directory, in which a cancel is found from now on. Raises MlopsError.

        Nothing happens when the run has one. ``launch`` does this too.
        """
        ...

    def launch(
        self, spec: RunSpec, source: bytes | Path, secrets: Mapping[str, str], more: MoreVariables
    ) -> None:
        """Start a run; returns once its reaper is known. Repeating it for a run does nothing.

        ``more`` is asked for what the environment of its kernel lacks. Raises MlopsError, after
        which no process of the run exists.
        """
        ...

    def directory(self, run_id: str) -> RunDirectory:
        """Return the run directory, whether or not it exists."""
        ...

    def run_ids(self) -> list[str]:
        """Return the runs that have a directory: batch and interactive."""
        ...

    def is_batch(self, run_id: str) -> bool:
        """Tell whether a server ordered the run (an interactive one began by itself)."""
        ...

    def result(self, run_id: str) -> RunResult | None:
        """Return how a batch run ended, None while it has not."""
        ...

    def opening(self, run_id: str) -> RunOpened | None:
        """Return the first record of a run that code opened, None while it is not there."""
        ...

    def has_begun(self, run_id: str) -> bool:
        """Tell whether a batch run was launched, by whoever it was: no launch starts it again."""
        ...

    def is_alive(self, run_id: str) -> bool:
        """Tell whether the reaper (of an interactive run: its process) lives.

        Look for the result again after False: it may have been written meanwhile.
        """
        ...

    def lost_message(self, run_id: str) -> str:
        """Return why a run that is not alive has no result, in one sentence for its user."""
        ...

    def closing(self, run_id: str) -> RunClosed | None:
        """Return the last record of a run that code opened, None while it is not there."""
        ...

    def is_here(self, run_id: str) -> bool:
        """Tell whether the processes of a batch run can be seen, and ended, from here."""
        ...

    def cancel(self, run_id: str) -> bool:
        """Ask for the end of a run; returns at once, False when that has to be repeated."""
        ...

    def sweep(self, run_id: str) -> int:
        """Kill whatever is left of a run; returns the number of processes."""
        ...

    def spools(self, run_id: str) -> list[Path]:
        """Return the spool files of a run."""
        ...

    def discard(self, run_id: str) -> None:
        """Remove the run directory, whose content the store has by now."""
        ...

    def close(self) -> None:
        """Let go of what ``warm`` prepared; runs go on."""
        ...


class LocalExecutor:
    """Runs on this machine, in directories below ``home``, started by a launcher of our own.

    ``kernel_specs`` is the server's, which may know kernels that the default one does not. Which
    kernels needed TCP is noted in ``tcp_kernels``.
    """

    def __init__(
        self,
        home: Path,
        kernel_specs: KernelSpecManager | None = None,
        tcp_kernels: TcpKernels | None = None,
    ) -> None:
        self._home = home.absolute()
        self._kernel_specs = kernel_specs or KernelSpecManager()
        self._tcp_kernels = TcpKernels() if tcp_kernels is None else tcp_kernels
        self._launched: dict[str, dict[str, object]] = {}
        self._launcher = LauncherClient()
        self._openers: dict[str, RunOpened] = {}

    def warm(self) -> None:
        """Start the launcher; it imports in the background."""
        self._launcher.start()

    @property
    def launcher_pid(self) -> int | None:
        """Process id of the launcher; None while there is none."""
        return self._launcher.pid

    def prepare(self, spec: RunSpec, source: bytes | Path) -> None:
        """Write the run directory."""
        try:
            self.directory(spec.run_id).create(spec, source)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull("No room is left on the disk that holds the runs.") from error
            raise Unavailable(
                f"The folder of the run cannot be written: {error.strerror}."
            ) from error

    def launch(
        self,
        spec: RunSpec,
        source: bytes | Path,
        secrets: Mapping[str, str],
        more: MoreVariables = no_more,
    ) -> None:
        """Write the run directory and have a reaper forked."""
        if self.has_begun(spec.run_id):
            return
        found = self._find_kernel(spec.kernel_name)
        kernel_spec = {**found.to_dict(), "resource_dir": found.resource_dir}
        self.prepare(spec, source)
        environment = run_environment(os.environ, spec.environment_mode, spec.environment_allowed)
        self._launcher.ask(
            LaunchRequest(
                home=str(self._home),
                run_id=spec.run_id,
                environment={**environment, **more({**environment, **found.env})},
                secrets=dict(secrets),
                kernel_spec=kernel_spec,
                over_tcp=kernel_spec in self._tcp_kernels,
            )
        )
        self._launched[spec.run_id] = kernel_spec

    def _find_kernel(self, name: str) -> KernelSpec:
        try:
            return self._kernel_specs.get_kernel_spec(name)
        except (NoSuchKernel, ValueError) as error:
            raise KernelUnavailable(
                f"There is no kernel named {name!r} here.", field="kernel_name"
            ) from error

    def directory(self, run_id: str) -> RunDirectory:
        """Return the run directory, whether or not it exists."""
        return RunDirectory(self._home, run_id)

    def run_ids(self) -> list[str]:
        """Return the names of all run directories."""
        try:
            return [name for name in os.listdir(self._home / "runs") if is_run_id(name)]  # noqa: PTH208
        except FileNotFoundError:
            return []

    def is_batch(self, run_id: str) -> bool:
        """Tell whether the directory holds orders."""
        return self.directory(run_id).spec.exists()

    def result(self, run_id: str) -> RunResult | None:
        """Return the content of ``result.json``."""
        return self.directory(run_id).read_result()

    def has_begun(self, run_id: str) -> bool:
        """Look for what a reaper writes first and last."""
        run = self.directory(run_id)
        return run.reaper.exists() or run.result.exists()

    def is_alive(self, run_id: str) -> bool:
        """Compare process id and start time with those recorded; elsewhere, trust the heartbeat."""
        if not self.is_batch(run_id):
            return self._opener_is_alive(run_id)
        run = self.directory(run_id)
        reaper = run.read_reaper()
        if reaper is None:
            return False
        if reaper.boot_id == boot_id():
            return is_running(reaper.pid, reaper.pid_started)
        # Before a restart of the machine, or in a container beside this one whose processes
        # cannot be seen from here.
        return -CLOCK_TOLERANCE_SECONDS <= run.heartbeat_age() < SILENCE_SECONDS

    def is_here(self, run_id: str) -> bool:
        """Compare where the reaper is with where we are."""
        reaper = self.directory(run_id).read_reaper()
        return reaper is not None and reaper.boot_id == boot_id()

    def _opener_is_alive(self, run_id: str) -> bool:
        opened = self.opening(run_id)
        if opened is None:
            return False
        if is_before_restart(opened.boot_id, opened.machine):
            return False
        if opened.boot_id not in ("", boot_id()):
            # Clocks of two machines differ: a little of the future is as good as the past.
            return abs(self.directory(run_id).silence()) < OPENER_SILENCE_SECONDS
        return is_running(opened.pid, opened.pid_started)

    def opening(self, run_id: str) -> RunOpened | None:
        """Look for the record in the spools; it is remembered."""
        if run_id in self._openers:
            return self._openers[run_id]
        for path in self.spools(run_id):
            for record in read_records(path, 0).records:
                if isinstance(record, RunOpened):
                    self._openers[run_id] = record
                    return record
        return None

    def closing(self, run_id: str) -> RunClosed | None:
        """Look at the ends of the spools."""
        for path in self.spools(run_id):
            closed = read_closing(path)
            if closed is not None:
                return closed
        return None

    def lost_message(self, run_id: str) -> str:
        """Compare what is recorded of the reaper with what is there."""
        run = self.directory(run_id)
        reaper = run.read_reaper()
        if reaper is not None and reaper.boot_id != boot_id():
            return "The machine or container was restarted while the run was under way."
        if reaper is not None:
            return "The process that supervised the run was killed from outside."
        if run.spec.exists():
            return "The server stopped before the run could start."
        if run.path.exists():
            return self._opener_lost_message(run_id)
        return "The run's files were removed while it was under way."

    def _opener_lost_message(self, run_id: str) -> str:
        opened = self.opening(run_id)
        if opened is not None and is_before_restart(opened.boot_id, opened.machine):
            return "The machine or container was restarted while the run was open."
        if opened is not None and opened.boot_id not in ("", boot_id()):
            return (
                "The kernel or script that recorded this run, on another machine or in another "
                "container, was not heard of for an hour."
            )
        return "The kernel or script that recorded this run ended without closing it."

    def cancel(self, run_id: str) -> bool:
        """Leave the file that the reaper looks for."""
        try:
            self.directory(run_id).request_cancel()
        except FileNotFoundError:
            return True  # what has no directory has no reaper
        except OSError:
            return False
        return True

    def sweep(self, run_id: str) -> int:
        """Kill every process whose environment names the run, and all their descendants.

        The executed notebook of a run without a result then says what became of its cells.
        """
        killed = kill_family(run_id)
        run = self.directory(run_id)
        if run.read_result() is None:
            close_unfinished(run)
        return killed

    def spools(self, run_id: str) -> list[Path]:
        """Return the spool files, by name."""
        return self.directory(run_id).spools()

    def discard(self, run_id: str) -> None:
        """Remove the directory and the kernel's sockets; note how the kernel was spoken to."""
        self._openers.pop(run_id, None)
        run = self.directory(run_id)
        kernel_spec = self._launched.pop(run_id, None)
        if kernel_spec is not None and run.transport() == "tcp":
            self._tcp_kernels.add(kernel_spec)
        run.discard()

    def close(self) -> None:
        """Let the launcher go."""
        self._launcher.close()
