"""Forking: a child that keeps nothing of its parent open, and the parent's handle on it."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class ForkedProcess:
    """A child made by ``os.fork``, with the face of ``subprocess.Popen`` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code (negative for a signal), or None while it runs."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self.returncode = 0
            else:
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end of the process, at most ``timeout`` seconds; return ``poll()``."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None and (deadline is None or time.monotonic() < deadline):
            time.sleep(0.002)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal unless the process has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def fork(role: Callable[[], int]) -> ForkedProcess:
    """Run ``role`` in a child, which ends with the number that it returns."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _play(role)
    return ForkedProcess(pid)


def _play(role: Callable[[], int]) -> NoReturn:
    code = 1
    try:
        code = role()
    except BaseException:  # noqa: BLE001 - nothing may run on into the parent's code
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def reset_signals() -> None:
    """Give every signal that our processes handle its usual meaning again."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def close_all_files(keep: Iterable[int] = ()) -> None:
    """Close every descriptor above standard error, except ``keep``."""
    kept = {0, 1, 2, *keep}
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - names are enough
        if int(name) not in kept:
            with suppress(OSError):
                os.close(int(name))


def redirect(descriptor: int) -> None:
    """Make ``descriptor`` standard output and error; standard input becomes empty."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(nothing)
