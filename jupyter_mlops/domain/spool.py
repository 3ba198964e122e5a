"""Spool records: how kernels and workers report, as framed JSON lines that survive any crash.

A record is ``b"%08x %08x " % (len(json), crc32(json)) + json + b"\\n"``, written by one
``os.write`` to a file that only this writer appends to. A torn last record is left for later; a
damaged one is counted and skipped to the next line, and so is one whose fields are not what is said
here. Every record has ``t``, its type. Times ``ts`` are milliseconds since the epoch. Non-finite
numbers travel by name (``"NaN"``).
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.domain.environments import Environment
from jupyter_mlops.domain.metrics import WireFloat
from jupyter_mlops.domain.run_spec import Count, Moment, check_end
from jupyter_mlops.domain.runs import Reason, RunStatus, SourceType

# The newest form of the records; what says that it has a later one is not taken in.
PROTOCOL_VERSION = 1
FRAME_HEADER_BYTES = 18
RECORD_MAX_BYTES = 1 << 20
WRITER_NAME = re.compile(r"[a-z]{1,16}-[0-9]{1,10}-[0-9a-f]{8}")


class RunOpened(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="run.open"):
    """First record of an interactive run or script, which no server scheduled."""

    run_id: str
    protocol: int
    experiment: str
    name: str | None
    source_type: SourceType
    source_path: str | None
    user: str
    pid: Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
    pid_started: float
    # Where the process id means something (``process_identity.py``); "" from older writers.
    boot_id: str = ""
    # The same after a restart, so that a restart is told from another machine; "" if unknown.
    machine: str = ""
    ts: Moment


class RunStarted(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="run.started"):
    """The worker's kernel answered and the first cell is about to run."""

    cells_total: Count
    ts: Moment


class MetricsLogged(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="metrics"):
    """Values ``m`` of some metrics at step ``s``; a null step takes the next one of each key."""

    m: dict[str, WireFloat]
    s: int | None
    ts: Moment


class ParametersLogged(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="params"):
    """Parameters logged from code; the first value of a key stands."""

    p: dict[str, Any]
    ts: Moment


class TagsSet(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="tags"):
    """Tags set from code; the last value stands."""

    g: dict[str, str]
    ts: Moment


class ArtifactStaged(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="artifact"):
    """A complete file waits in the run directory's ``staged`` folder under the name ``file``."""

    path: str
    file: str
    size: Count
    sha256: str
    ts: Moment


class CellChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="cell"):
    """A cell changed state; ``index`` counts all cells of the executed notebook."""

    index: Count
    cell_id: str | None
    state: CellState
    duration_ms: Count | None
    error_name: str | None
    error_value: str | None
    ts: Moment


class EnvironmentCaptured(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="env"):
    """The surroundings of the run, found out by the worker inside the kernel."""

    environment: Environment
    ts: Moment


class NotebookSaved(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="notebook"):
    """The executed notebook was written anew; ``size`` in bytes."""

    size: Count
    ts: Moment


class RunClosed(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="run.close"):
    """Last record of an interactive run."""

    status: RunStatus
    reason: Reason | None
    message: str | None
    ts: Moment

    def __post_init__(self) -> None:
        """Refuse what is no end."""
        check_end(self.status, self.reason)


Record = (
    RunOpened
    | RunStarted
    | MetricsLogged
    | ParametersLogged
    | TagsSet
    | ArtifactStaged
    | CellChanged
    | EnvironmentCaptured
    | NotebookSaved
    | RunClosed
)
