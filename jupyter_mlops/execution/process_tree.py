"""All processes of a run: descendants, orphans and carriers of its id; finding and ending them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from jupyter_mlops.execution.cookie import VARIABLE, carries

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")
# For how long, and how many of, the newest processes are looked at once more.
CHASE_SECONDS = 0.02
CHASED = 3


def adopt_orphans() -> bool:
    """Make every orphan among our descendants our child; False where the system cannot."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def descendants(pid: int) -> list[int]:
    """Return the children of ``pid``, their children, and so on; zombies too."""
    if Path(f"/proc/{pid}/task/{pid}/children").exists():
        return _descendants_by_task(pid)
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _descendants_by_task(pid: int) -> list[int]:
    # Reads only the tree itself, however many processes the machine has.
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        with suppress(OSError):
            for task in os.listdir(f"/proc/{parent}/task"):  # noqa: PTH208 - names are enough
                with suppress(OSError):
                    text = Path(f"/proc/{parent}/task/{task}/children").read_text()
                    children = [int(word) for word in text.split()]
                    found += children
                    waiting += children
    return found


def carriers(run_id: str) -> Iterator[tuple[int, int | None]]:
    """Yield each process whose environment carries ``run_id``, and its group; but not us.

    The newest first. The group is None where only the living can be asked for it.
    """
    own = os.getpid()
    if not (_PROC / "self/environ").exists():
        yield from (
            (pid, None) for pid in psutil.pids() if pid != own and _carries_elsewhere(pid, run_id)
        )
        return
    newest = _newest_pid()
    for name in reversed(os.listdir(_PROC)):  # noqa: PTH208 - a Path for each process is slow
        if name.isdigit() and int(name) != own:
            group = _group_if_carrier(int(name), run_id)
            if group is not None:
                yield int(name), group
    if _newest_pid() != newest:
        yield from _newborn_carriers(run_id)


def _leader_of_run(group: int | None, run_id: str) -> list[int]:
    """Return the leader of a group if it is of the run too.

    It must be known before the others die: it may then end by itself, and nobody could tell whose
    group it was.
    """
    if group is None or group == os.getpgrp() or _group_if_carrier(group, run_id) is None:
        return []
    return [group]


def _newborn_carriers(run_id: str) -> Iterator[tuple[int, int]]:
    """Look at the newest processes alone for a moment, much more often than at all of them.

    Of a chain of quick forks only the newest is alive, and dead by the time that a list is read.
    """
    own = os.getpid()
    until = time.monotonic() + CHASE_SECONDS
    while time.monotonic() < until:
        newest = _newest_pid()
        for pid in range(newest, max(0, newest - CHASED), -1):
            group = None if pid == own else _group_if_carrier(pid, run_id)
            if group is not None:
                yield pid, group


def _newest_pid() -> int:
    """Return the process id that the kernel gave last (the fifth field, see proc_loadavg(5))."""
    with open("/proc/loadavg", "rb") as file:  # noqa: PTH123 - a Path is slow
        fields = file.read().split()
    return int(fields[4]) if len(fields) > 4 else 0


def _group_if_carrier(pid: int, run_id: str) -> int | None:
    """Return the group of a process if it carries ``run_id``."""
    with suppress(OSError):
        # The group comes first: once the environment is read, the process may be gone.
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            group = int(file.read().rpartition(b")")[2].split()[2])
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
            if carries(file.read(), run_id):
                return group
    return None


def _carries_elsewhere(pid: int, run_id: str) -> bool:
    try:
        return psutil.Process(pid).environ().get(VARIABLE) == run_id
    except (psutil.Error, OSError):
        return False


def kill_family(run_id: str, patience: float = 5.0) -> int:
    """Kill the carriers of ``run_id`` and all their descendants; return how many.

    For a server, from outside the tree: we and our ancestors are spared, as a server may have
    been started from within a run. Gives up after ``patience`` seconds.
    """
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    killed: set[int] = set()
    deadline = time.monotonic() + patience
    empty = 0
    # Twice, as a process that is just executing a program shows no environment for an instant.
    while empty < 2 and time.monotonic() < deadline:
        empty += 1
        for pid, group in carriers(run_id):
            if pid not in spared:
                leader = _leader_of_run(group, run_id)
                victims = list({pid, *leader, *descendants(pid)} - spared)
                kill(victims, group)
                killed.update(victims)
                empty = 0
        time.sleep(0.01)
    return len(killed)


def kill(victims: list[int], group: int | None = None) -> None:
    """Send SIGKILL to each of ``victims``, and to the process groups they lead or live in.

    A group dies at once, so that nobody in it escapes by forking faster than we look; ``group`` is
    one that a victim was seen in.
    """
    own_group = os.getpgrp()
    groups = set() if group is None else {group}
    for pid in victims:
        with suppress(ProcessLookupError):
            groups.add(os.getpgid(pid))
    members = set(victims)
    for each in groups:
        # Only groups that the run made itself: the leader is, or was, one of its processes.
        if each != own_group and (each in members or not psutil.pid_exists(each)):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(each, signal.SIGKILL)
    for pid in victims:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def reap() -> list[tuple[int, int]]:
    """Collect every child that has ended: (pid, exit code; negative for a signal)."""
    ended = []
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended


def kill_descendants(run_id: str, patience: float = 10.0) -> int:
    """End everything below this process, and every other carrier of ``run_id``.

    Returns how many processes could not be ended within ``patience`` seconds.
    """
    own = os.getpid()
    deadline = time.monotonic() + patience
    while True:
        reap()
        victims = descendants(own)
        kill(victims)
        for pid, group in carriers(run_id):
            first = [pid, *_leader_of_run(group, run_id)]
            kill(first, group)
            victims += first
        if not victims or time.monotonic() > deadline:
            return len(victims)
        time.sleep(0.003)
