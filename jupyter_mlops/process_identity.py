"""Which process: told apart across changes of the clock, restarts of the machine and containers.

Kernels, servers and the owners of stores on network disks write down who they are, and others compare
it. No number here moves when somebody sets the clock.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Of the processes that macOS tells of, those that have ended (`sys/proc.h`), and where that stands
# in a `kinfo_proc`, which begins with the start as a `timeval`.
_ZOMBIE = 5
_STATE_OFFSET = 36


def boot_id() -> str:
    """Return a text that differs after every restart of the machine, and between containers.

    Process ids mean the same only where this text is the same: containers of one machine see
    different processes. It is "" where it cannot be known.
    """
    boot = _machine_boot()
    try:
        return f"{boot}:{Path('/proc/self/ns/pid').stat().st_ino}" if boot else ""
    except OSError:
        return boot


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


def process_started(pid: int) -> float | None:
    """Return when process ``pid`` started, in seconds; None if it is gone or a zombie.

    On Linux these are seconds since the machine's start, on macOS since the epoch as it was then.
    """
    if sys.platform == "darwin":
        return _started_on_macos(pid)
    try:
        # The name of the program may hold anything, but a parenthesis closes it.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, ticks = fields[0], int(fields[19])
    return None if state in "ZX" else ticks / os.sysconf("SC_CLK_TCK")


def is_running(pid: int, started: float) -> bool:
    """Tell whether the process that had ``pid`` and began at ``started`` still runs."""
    found = process_started(pid)
    return found is not None and abs(found - started) < 0.02


def _machine_boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return _boot_of_macos() if sys.platform == "darwin" else ""


def _boot_of_macos() -> str:
    import ctypes  # noqa: PLC0415 (only macOS needs it)

    answer = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(answer))
    try:
        library = ctypes.CDLL(None)
        failed = library.sysctlbyname(b"kern.bootsessionuuid", answer, ctypes.byref(size), None, 0)
    except (OSError, AttributeError):
        return ""
    return "" if failed else answer.value.decode("ascii")


def _started_on_macos(pid: int) -> float | None:
    """Ask `sysctl` for KERN_PROC_PID."""
    import ctypes  # noqa: PLC0415 (only macOS needs it)
    import struct  # noqa: PLC0415

    names = (ctypes.c_int * 4)(1, 14, 1, pid)
    answer = ctypes.create_string_buffer(4096)
    size = ctypes.c_size_t(len(answer))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        failed = library.sysctl(names, 4, answer, ctypes.byref(size), None, 0)
    except (OSError, AttributeError):
        return None
    if failed or size.value <= _STATE_OFFSET or answer.raw[_STATE_OFFSET] == _ZOMBIE:
        return None
    seconds, microseconds = struct.unpack_from("@qi", answer.raw)
    return float(seconds) + float(microseconds) / 1e6
