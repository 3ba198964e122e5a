"""The two files that frame an execution: what a worker is told, and what its reaper reports."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_mlops.domain.errors import Conflict
from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.domain.runs import TERMINAL, Reason, RunStatus

# The newest form of these files; a later one is left to the version that wrote it.
PROTOCOL_VERSION = 1

# What comes from a run may say anything: numbers beyond these would fit into no database.
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run comes from: whose run directories hold it, and for which Python it was meant.

    ``home_id`` is null where the store belongs to one home alone. ``environment`` is the folder of
    the Python environment (``sys.prefix``, links resolved) of the server that took the order; null
    when no server did, as for a run that code opened.
    """

    home_id: str | None
    environment: str | None


class Originated(msgspec.Struct, frozen=True, kw_only=True):
    """The origin alone: all that is kept for a run without orders, and what any spec tells first."""

    origin: Origin | None = None


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """``spec.json`` of a run directory: immutable orders for one execution.

    ``working_directory`` and ``save_to`` are absolute paths chosen by the server, never by a
    request; with ``save_to_numbered`` a copy whose name is taken gets a number. Secrets appear by
    key only; their values travel beside the spec, in memory.
    ``warm`` asks for a kernel forked from the launcher's own interpreter. Times in seconds.
    ``autolog`` asks for what MLflow logs by itself, in kernels of Python.
    ``tracked`` says that its user may do what the token of its kernel grants, so that it gets one.
    ``memory_limit`` is what the processes of the run may use together, in bytes; 0 for no limit.
    """

    run_id: str
    protocol: int
    notebook: str
    source_digest: str
    working_directory: str
    parameters: list[BoundParameter]
    kernel_name: str
    warm: bool
    time_limit: float | None
    start_timeout: float
    save_to: str | None
    user: str
    experiment: str
    created_at: int
    environment_mode: str
    environment_allowed: list[str]
    # None in the orders of earlier versions: any server may carry them out.
    origin: Origin | None = None
    save_to_numbered: bool = False
    memory_limit: int = 0
    autolog: bool = False
    tracked: bool = False

    def __post_init__(self) -> None:
        """Refuse orders of a later version."""
        check_protocol(self.protocol, PROTOCOL_VERSION)


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """``result.json`` of a run directory: written last, by the reaper, once no process is left.

    What a run used is null where no reaper watched it.
    """

    run_id: str
    protocol: int
    status: RunStatus
    reason: Reason | None
    message: str | None
    ended_at: Moment
    duration_ms: Count
    cpu_seconds: float | None
    peak_memory_bytes: Count | None
    failing_cell: Count | None
    secrets_masked: Count

    def __post_init__(self) -> None:
        """Refuse a result of a later version, and what is no end."""
        check_protocol(self.protocol, PROTOCOL_VERSION)
        check_end(self.status, self.reason)


def check_protocol(protocol: int, newest: int) -> None:
    """Raise Conflict for what a later version of the product wrote in a form unknown here."""
    if protocol > newest:
        raise Conflict(
            f"A newer version of Jupyter MLOps wrote this (protocol {protocol}, known up to "
            f"{newest}). Update this one; until then it is left as it is."
        )


def check_end(status: RunStatus, reason: Reason | None) -> None:
    """Raise ValueError unless a run can end so: a reason is given for what is not FINISHED."""
    if status not in TERMINAL or (reason is None) != (status is RunStatus.FINISHED):
        raise ValueError(f"a run does not end as {status.value} with this reason")
