"""Identity of a process across clock changes and restarts of the machine: boot id and start time."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import psutil


def boot_id() -> str:
    """Return a text that differs after every restart of the machine, and between containers.

    Process ids mean the same only where this text is the same: containers of one machine see
    different processes.
    """
    try:
        return f"{_machine_boot()}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return _machine_boot()


def machine() -> str:
    """Return a text that stays the same after a restart of this machine or container.

    Others have another name or another ``/etc/machine-id``, as a rule.
    """
    try:
        given = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        given = ""
    return f"{os.uname().nodename}:{given}"


def is_before_restart(boot: str, of_machine: str) -> bool:
    """Tell whether ``boot``, the boot id of ``of_machine``, was that of this one before a restart.

    Containers on one start of a machine differ in the second part only: they may live side by side.
    """
    return (
        of_machine == machine()
        and boot != ""
        and boot.partition(":")[0] != boot_id().partition(":")[0]
    )


def _machine_boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        session = _darwin_session()
        if session:
            return session
    return str(int(psutil.boot_time()))


def process_started(pid: int) -> float | None:
    """Return when process ``pid`` started, in seconds; None if it is gone or a zombie.

    On Linux these are seconds since the machine's start, which no change of the clock moves;
    elsewhere seconds since the epoch.
    """
    try:
        # The name of the program may hold anything, but a parenthesis closes it.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
        return _started_elsewhere(pid)
    state, ticks = fields[0], int(fields[19])
    if state in "ZX":
        return None
    return ticks / os.sysconf("SC_CLK_TCK")


def is_running(pid: int, started: float) -> bool:
    """Tell whether the process that had ``pid`` and began at ``started`` still runs."""
    found = process_started(pid)
    return found is not None and abs(found - started) < 0.02


def _started_elsewhere(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except psutil.Error:
        return None


def _darwin_session() -> str:
    libc = ctypes.CDLL(None)
    buffer = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(buffer))
    failed = libc.sysctlbyname(b"kern.bootsessionuuid", buffer, ctypes.byref(size), None, 0)
    return "" if failed else buffer.value.decode("ascii")
