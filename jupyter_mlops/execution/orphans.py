"""Orphans of a kernel: its worker adopts them, so that they end with it even if the reaper is gone.

Nothing else finds a program that left its session and emptied its environment.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from jupyter_mlops.execution.process_tree import adopt_orphans

if TYPE_CHECKING:
    from jupyter_mlops.execution.started_kernel import StartedKernel

_PAUSE_SECONDS = 1.0


def adopt_from(kernel: StartedKernel) -> None:
    """Make what ``kernel`` leaves behind our children, and collect those that end.

    Others that we start ourselves have to be in our session, so that they are told from orphans.
    """
    # Where a provisioner runs the kernel elsewhere, the processes here are its own to wait for.
    if kernel.process is not None and adopt_orphans():
        threading.Thread(
            target=_collect, args=(kernel.process.pid,), name="orphans", daemon=True
        ).start()


def _collect(kernel: int) -> None:
    while True:
        try:
            # Only looked at: how the kernel and our own programs end is for others to ask.
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None and ended.si_pid != kernel and not _is_ours(ended.si_pid):
                os.waitpid(ended.si_pid, os.WNOHANG)
                continue
        except ChildProcessError:
            pass
        time.sleep(_PAUSE_SECONDS)


def _is_ours(pid: int) -> bool:
    """Tell whether we started a child: a kernel has a session of its own, and nobody enters ours."""
    try:
        return os.getsid(pid) == os.getsid(0)
    except ProcessLookupError:
        return True
