"""Owners of leases: processes, named so that others beside them can tell whether they live."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from jupyter_mlops.execution.boot import boot_id, is_running, process_started


def new_owner() -> str:
    """Return a name for a lease holder in this process, different at each call."""
    pid = os.getpid()
    return f"{_process_space()}/{pid}/{process_started(pid)}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Tell whether the owner certainly lives no more; where nothing is certain, False."""
    space, pid, started, _ = owner.split("/")
    return space == _process_space() and not is_running(int(pid), float(started))


def _process_space() -> str:
    """Name the processes that this one can see: containers of one machine see different ones."""
    try:
        return f"{boot_id()}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return boot_id()
