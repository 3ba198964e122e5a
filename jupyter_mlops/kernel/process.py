"""What the first record of an interactive run says of the process that made it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.system_user import system_user

if TYPE_CHECKING:
    from collections.abc import Iterable

_SESSION_VARIABLE = "JPY_SESSION_NAME"


def boot_id() -> str:
    """Return where this process's id means something: the machine's start and the pid namespace.

    The same text as that of `execution/boot.py`, with which the server compares it; "" when it
    cannot be known.
    """
    try:
        machine = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        machine = _boot_of_macos() if sys.platform == "darwin" else ""
    try:
        return f"{machine}:{Path('/proc/self/ns/pid').stat().st_ino}" if machine else ""
    except OSError:
        return machine


def machine() -> str:
    """Return which machine or container this is: its name, and the id that systems like systemd give.

    The same text as that of `execution/boot.py`, with which the server compares it.
    """
    try:
        given = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        given = ""
    return f"{os.uname().nodename}:{given}"


def process_started() -> float:
    """Return when this process started, in seconds since the epoch; 0.0 when it cannot be known.

    With the process id it names a process for good: `psutil.Process(pid).create_time()` gives the
    same number, on Linux by the same sum (start in clock ticks after boot, plus `btime`), on
    macOS from the same `kinfo_proc`.
    """
    if sys.platform == "darwin":
        return _started_on_macos()
    try:
        # The second field is the command in brackets and may itself hold brackets and spaces.
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        for line in Path("/proc/stat").read_bytes().splitlines():
            if line.startswith(b"btime "):
                return int(fields[19]) / os.sysconf("SC_CLK_TCK") + float(line.split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return 0.0


def _started_on_macos() -> float:
    """Ask `sysctl` for KERN_PROC_PID; a `kinfo_proc` begins with the start as a `timeval`."""
    import ctypes  # noqa: PLC0415 (only macOS needs it)
    import struct  # noqa: PLC0415

    names = (ctypes.c_int * 4)(1, 14, 1, os.getpid())
    answer = ctypes.create_string_buffer(4096)
    size = ctypes.c_size_t(len(answer))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        failed = library.sysctl(names, 4, answer, ctypes.byref(size), None, 0)
    except (OSError, AttributeError):
        return 0.0
    if failed or size.value < 16:
        return 0.0
    seconds, microseconds = struct.unpack_from("@qi", answer.raw)
    return float(seconds) + float(microseconds) / 1e6


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


def user_name() -> str:
    """Return who runs this process: the hub's user, else the system's."""
    return os.environ.get("JUPYTERHUB_USER") or system_user()


def in_ipython() -> bool:
    """Tell whether this process is an IPython shell or kernel."""
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def source_path(server_roots: Iterable[Path]) -> str | None:
    """Return the notebook's contents path, or the name of the script; None when unknown.

    A notebook's path is known as `JPY_SESSION_NAME`, which is right when the kernel starts and is
    not told of a rename. It is told relative to the first of ``server_roots`` that it lies in
    and, outside of all, not at all.
    """
    if not in_ipython():
        script = getattr(sys.modules.get("__main__"), "__file__", None)
        return Path(script).name if script else None
    session = os.environ.get(_SESSION_VARIABLE)
    if not session:
        return None
    path = Path(session)
    if not path.is_absolute():
        return path.as_posix()
    for root in server_roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return None
