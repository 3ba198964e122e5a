"""Owners of leases: processes, named so that others beside them can tell whether they live."""

from __future__ import annotations

import os
import secrets

from jupyter_mlops.process_identity import boot_id, is_running, process_started


def new_owner() -> str:
    """Return a name for a lease holder in this process, different at each call."""
    pid = os.getpid()
    return f"{boot_id()}/{pid}/{process_started(pid)}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Tell whether the owner certainly lives no more; where nothing is certain, False."""
    space, pid, started, _ = owner.split("/")
    return space == boot_id() and not is_running(int(pid), float(started))
