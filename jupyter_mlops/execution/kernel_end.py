"""Ending the kernel of a run: politely, but not for ever."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from jupyter_mlops.execution.process_tree import descendants, kill

if TYPE_CHECKING:
    from jupyter_mlops.execution.started_kernel import StartedKernel

# ipykernel asks the programs in its group to end, and waits up to 14 s for those that ignore it,
# as each use of multiprocessing leaves one. They get this long.
_CHILDREN_SECONDS = 0.3


def shut_down(kernel: StartedKernel, patience: float) -> None:
    """End the kernel as a user would: its exit handlers run, for up to ``patience`` seconds.

    With no patience it is killed at once.
    """
    process = kernel.process
    if process is None:
        kernel.manager.shutdown_kernel(now=patience <= 0)
        return
    if patience > 0 and process.poll() is None:
        kernel.manager.request_shutdown()
        asked = time.monotonic()
        while process.poll() is None and time.monotonic() - asked < patience:
            if kernel.language == "python" and time.monotonic() - asked > _CHILDREN_SECONDS:
                kill(_group(process.pid))
            time.sleep(0.002 if time.monotonic() - asked < _CHILDREN_SECONDS else 0.02)
    if process.poll() is None:
        kernel.kill()


def _group(leader: int) -> list[int]:
    """Return the descendants of ``leader`` that are in the process group it leads."""
    members = []
    for pid in descendants(leader):
        with suppress(ProcessLookupError):
            if os.getpgid(pid) == leader:
                members.append(pid)
    return members
