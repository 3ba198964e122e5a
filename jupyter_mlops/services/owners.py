"""Owners of leases and kernels: processes, named so that others can tell whether they live."""

from __future__ import annotations

import os
import secrets

from jupyter_mlops.process_identity import (
    boot_id,
    is_before_restart,
    is_running,
    machine,
    process_started,
)


def new_owner() -> str:
    """Return a name for a lease holder in this process, different at each call."""
    pid = os.getpid()
    return f"{boot_id()}/{pid}/{process_started(pid)}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Tell whether the owner certainly lives no more; where nothing is certain, False."""
    space, pid, started, _ = owner.split("/")
    return space == boot_id() and not is_running(int(pid), float(started))


def new_server(home_id: str) -> str:
    """Return a name for this process of a home that is understood after a restart, too."""
    return f"{new_owner()}/{home_id}/{machine()}"


def is_server_gone(server: str) -> bool:
    """Tell whether what ``new_server`` named certainly lives no more."""
    *owner, _, of_machine = server.split("/", 5)
    return is_gone("/".join(owner)) or is_before_restart(owner[0], of_machine)


def is_server_here(server: str) -> bool:
    """Tell whether what ``new_server`` named certainly lives."""
    space, pid, started, _ = server.split("/", 3)
    return space == boot_id() and is_running(int(pid), float(started))


def home_of_server(server: str) -> str:
    """Return the home of what ``new_server`` named."""
    return server.split("/", 5)[4]
