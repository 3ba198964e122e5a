"""The reaper of a run: forks its worker, ends it in time, sweeps its processes, writes its result.

It does as little as possible, so that nothing but a signal can end it, and keeps no data of the
run. Every orphan of the run becomes its child, where the system allows it.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.execution.cookie import VARIABLE, overwrite_placeholder
from jupyter_mlops.execution.ending import Ending, Outcome
from jupyter_mlops.execution.forked_process import ForkedProcess, fork, redirect, reset_signals
from jupyter_mlops.execution.oom import OutOfMemoryWatch
from jupyter_mlops.execution.process_tree import (
    adopt_orphans,
    descendants,
    kill,
    kill_descendants,
    reap,
)
from jupyter_mlops.execution.resources import TreeUsage
from jupyter_mlops.execution.run_directory import ReaperIdentity, RunDirectory
from jupyter_mlops.execution.unfinished import close_unfinished
from jupyter_mlops.execution.worker import Worker
from jupyter_mlops.process_identity import boot_id, process_started

if TYPE_CHECKING:
    from types import FrameType

    from jupyter_mlops.execution.launch_request import LaunchRequest

POLL_SECONDS = 0.1
SAMPLE_SECONDS = 1.0
# From the order to stop until everything is killed; the worker has that long to save.
STOP_SECONDS = 3.0
# From the worker's outcome until everything is killed; the kernel's exit handlers run meanwhile.
LEAVE_SECONDS = 12.0


class Reaper:
    """Supervises one run, from the claim of its directory to its result."""

    def __init__(self, request: LaunchRequest, kernel_modules: frozenset[str]) -> None:
        self._request = request
        self._kernel_modules = kernel_modules
        self._run = RunDirectory(Path(request.home), request.run_id)
        self._spec = self._run.read_spec()
        self._begun = time.monotonic()
        self._terminated = False

    def claim(self) -> bool:
        """Become the one who supervises the run; False if somebody does or did."""
        os.setsid()
        overwrite_placeholder(self._run.run_id)
        adopt_orphans()
        pid = os.getpid()
        identity = ReaperIdentity(
            pid=pid,
            pid_started=process_started(pid) or 0.0,
            boot_id=boot_id(),
            begun=self._begun,
        )
        return self._run.write_reaper(identity)

    def supervise(self) -> int:
        """Start the worker, see the run through, write its result; returns the exit code."""
        gc.enable()
        self._redirect_output()
        os.environ.update({**self._request.environment, VARIABLE: self._run.run_id})
        self._listen()
        memory = OutOfMemoryWatch()
        usage = TreeUsage(os.getpid())
        ending = Ending(self._spec, self._begun)
        if self._cancelled():
            # While the launcher imported, or others were started: no cell of it must run any more.
            ending.never_begun(time.monotonic())
        else:
            self._work(memory, ending, usage)
        unkillable = kill_descendants(self._run.run_id)
        self._run.remove_sockets()
        if self._run.taken_away():
            # Somebody removed it while the run was on; there is nobody to tell.
            return 0
        if ending.left_unfinished:
            ending.interrupted_cell = close_unfinished(self._run)
        result = ending.result(usage, out_of_memory=memory.rose(), unkillable=unkillable)
        self._run.write_result(result)
        return 0

    def _work(self, memory: OutOfMemoryWatch, ending: Ending, usage: TreeUsage) -> None:
        try:
            worker = self._start_worker(memory)
        except OSError as error:  # too many processes or open files
            ending.refuse(f"The run cannot start: {error.strerror}.", time.monotonic())
        else:
            self._request.forget()
            self._watch(worker, ending, usage)

    def _cancelled(self) -> bool:
        try:
            return self._run.cancel_requested()
        except OSError:  # a network file system that is away for a moment
            return False

    def _redirect_output(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        try:
            log = os.open(self._run.chain_log, flags, 0o600)
        except OSError:  # a full disk; nothing of worth is said here
            log = os.open(os.devnull, os.O_WRONLY)
        redirect(log)
        os.close(log)

    def _listen(self) -> None:
        self._wakeup, woken = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGCHLD, _only_wake)
        signal.signal(signal.SIGTERM, self._terminate)
        signal.signal(signal.SIGHUP, self._terminate)
        signal.signal(signal.SIGINT, _only_wake)

    def _terminate(self, _number: int, _frame: FrameType | None) -> None:
        self._terminated = True

    def _start_worker(self, memory: OutOfMemoryWatch) -> _WorkerLink:
        orders, self._orders = os.pipe()
        outcome, report = os.pipe()
        worker = Worker(
            run=self._run,
            spec=self._spec,
            request=self._request,
            kernel_modules=self._kernel_modules,
            memory=memory,
            orders=orders,
            report=report,
        )

        def role() -> int:
            reset_signals()
            os.close(self._orders)
            os.close(outcome)
            return worker.work()

        process = fork(role)
        os.close(orders)
        os.close(report)
        return _WorkerLink(process, outcome)

    def _watch(self, worker: _WorkerLink, ending: Ending, usage: TreeUsage) -> None:
        """Return when the worker is gone, or must be."""
        next_sample = time.monotonic() + SAMPLE_SECONDS / 4
        limit, next_look = self._spec.memory_limit, 0.0
        while not worker.ended(ending):
            with suppress(InterruptedError):
                select.select([self._wakeup, *worker.readable()], [], [], POLL_SECONDS)
            with suppress(BlockingIOError):
                os.read(self._wakeup, 4096)
            now = time.monotonic()
            over_memory = False
            if limit and now >= next_look:
                over_memory = usage.exceeds(limit)
                next_look = time.monotonic() + POLL_SECONDS
            order = ending.must_stop(
                now,
                cancelled=self._cancelled(),
                terminated=self._terminated,
                over_memory=over_memory,
            )
            if order is not None:
                with suppress(BrokenPipeError):
                    os.write(self._orders, order.encode())
            if order == "memory_limit":
                # What grows so is not asked to stop. The worker saves what there is.
                kill(descendants(worker.pid))
            if ending.out_of_patience(now, STOP_SECONDS, LEAVE_SECONDS):
                return
            if now >= next_sample:
                usage.sample()
                next_sample = now + SAMPLE_SECONDS


class _WorkerLink:
    """The worker's process and the pipe on which its outcome comes."""

    def __init__(self, process: ForkedProcess, outcome: int) -> None:
        self._process = process
        self._outcome = outcome
        self._data = b""
        self._open = True
        os.set_blocking(outcome, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def readable(self) -> list[int]:
        return [self._outcome] if self._open else []

    def ended(self, ending: Ending) -> bool:
        """Take in what the worker reported; true when its process is gone."""
        exits = dict(reap())
        self._read(ending)
        if self._process.pid not in exits:
            return False
        ending.worker_ended(exits[self._process.pid])
        return True

    def _read(self, ending: Ending) -> None:
        with suppress(BlockingIOError):
            while self._open:
                data = os.read(self._outcome, 65536)
                if not data:
                    self._open = False
                self._data += data
        if self._data.endswith(b"\n"):
            ending.take_outcome(msgspec.json.decode(self._data, type=Outcome), time.monotonic())
            self._data = b""


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """Let the signal be written to the wake-up pipe, and do nothing else."""
