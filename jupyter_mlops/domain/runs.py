"""A run: one tracked execution, its states, and what a client sends and receives of it."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

import msgspec

from jupyter_mlops.domain.errors import Conflict
from jupyter_mlops.domain.metrics import LatestMetric


class RunStatus(str, Enum):
    """Where a run is in its life; the names are MLflow's."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class Reason(str, Enum):
    """Why a run ended other than FINISHED."""

    CANCELLED = "cancelled"
    CELL_ERROR = "cell_error"
    KERNEL_DIED = "kernel_died"
    OUT_OF_MEMORY = "out_of_memory"
    START_TIMEOUT = "start_timeout"
    TIME_LIMIT = "time_limit"
    LOST = "lost"
    REFUSED = "refused"


ACTIVE = frozenset({RunStatus.SCHEDULED, RunStatus.RUNNING})
TERMINAL = frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED})

REASONS: dict[RunStatus, frozenset[Reason | None]] = {
    RunStatus.SCHEDULED: frozenset({None}),
    RunStatus.RUNNING: frozenset({None}),
    RunStatus.FINISHED: frozenset({None}),
    RunStatus.FAILED: frozenset(set(Reason) - {Reason.CANCELLED}),
    RunStatus.KILLED: frozenset({Reason.CANCELLED}),
}

# Status and reason together: some reasons are final, and one is an assumption.
State = tuple[RunStatus, Reason | None]
_ENDS = frozenset((status, reason) for status in TERMINAL for reason in REASONS[status])
_LOST: State = (RunStatus.FAILED, Reason.LOST)

# What may follow; a state that is not here is final.
TRANSITIONS: dict[State, frozenset[State]] = {
    (RunStatus.SCHEDULED, None): _ENDS - {(RunStatus.FINISHED, None)} | {(RunStatus.RUNNING, None)},
    (RunStatus.RUNNING, None): _ENDS,
    # A run whose process was out of sight may still tell how it really ended.
    _LOST: _ENDS - {_LOST},
}


def may_follow(before: State, after: State) -> bool:
    """Tell whether a run may go from one status and reason to another."""
    return after in TRANSITIONS.get(before, ())


def check_transition(before: State, after: State) -> None:
    """Raise Conflict unless a run may go from one status and reason to another."""
    if not may_follow(before, after):
        raise Conflict(f"A {before[0].value} run cannot become {after[0].value}.")


NOTE_MAX_CHARS = 50_000
TAG_MAX_CHARS = 5_000
TAGS_MAX = 100
PARAMETERS_MAX = 100
TIME_LIMIT_MAX_SECONDS = 30 * 86_400

# Told by the contract; the services check them, and say what is too long, large or many.
Note = Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": NOTE_MAX_CHARS})]
TagValue = Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": TAG_MAX_CHARS})]
Tags = Annotated[dict[str, TagValue], msgspec.Meta(extra_json_schema={"maxProperties": TAGS_MAX})]
GivenParameters = Annotated[
    dict[str, Any], msgspec.Meta(extra_json_schema={"maxProperties": PARAMETERS_MAX})
]
TimeLimit = Annotated[
    float,
    msgspec.Meta(extra_json_schema={"exclusiveMinimum": 0, "maximum": TIME_LIMIT_MAX_SECONDS}),
]

# MLflow's tag by which a run names the one that it is a part of.
PARENT_TAG = "mlflow.parentRunId"

# Executed by this server, opened by code on a spool, or kept by a client over HTTP.
SourceType = Literal["notebook", "interactive", "script", "client"]


class NewRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to run a notebook. ``notebook`` is a contents path; secrets ride in ``parameters``.

    ``time_limit`` is in seconds; ``save_to`` is the contents path of a copy of the executed notebook.
    Or ``save_to_folder`` is the folder for one, made if it is missing: the copy is named after the
    notebook and numbered if there is one of that name already. An empty folder is the root.
    ``autolog`` says whether MLflow logs training by itself; null is what the user prefers.
    """

    notebook: str
    parameters: GivenParameters = {}
    experiment: str | None = None
    name: str | None = None
    kernel_name: str | None = None
    time_limit: TimeLimit | None = None
    save_to: str | None = None
    save_to_folder: str | None = None
    tags: Tags = {}
    autolog: bool | None = None


class RunChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may change about a run; an unset field stays as it is."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    note: Note | msgspec.UnsetType = msgspec.UNSET
    experiment: str | msgspec.UnsetType = msgspec.UNSET


class Rerun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to repeat a run from its recorded source; ``parameters`` replace the old ones."""

    parameters: GivenParameters = {}
    name: str | None = None


ParameterOrigin = Literal["given", "default", "logged"]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded parameter; a secret has ``secret`` true and the value ``***``.

    ``origin`` is ``given`` for what the request named, ``default`` for what the notebook itself
    holds for the rest, ``logged`` for what the code recorded.
    """

    key: str
    value: Any
    type: str
    secret: bool
    origin: ParameterOrigin


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """One key and text set on a run."""

    key: str
    value: str


class TagChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to set one tag of a run."""

    key: str
    value: TagValue


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is: code cells done of total, and the index of the current or failing cell."""

    cells_done: int
    cells_total: int
    current_cell: int | None
    failing_cell: int | None


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a list of runs; times are milliseconds since the epoch, UTC.

    ``parent_run_id`` is what a client says: there need be no such run.
    """

    run_id: str
    name: str
    experiment_id: int
    experiment: str
    status: RunStatus
    reason: Reason | None
    message: str | None
    source_type: SourceType
    parent_run_id: str | None
    notebook: str | None
    user: str
    created_at: int
    started_at: int | None
    ended_at: int | None
    duration_ms: int | None
    queue_position: int | None
    progress: Progress
    key_metric: LatestMetric | None
    sparkline: list[float]
    cancel_requested: bool
    deleted_at: int | None
    version: int


class Run(RunSummary, frozen=True, kw_only=True):
    """Everything small about one run; large things (log, notebook, history) have own routes."""

    parameters: list[Parameter]
    metrics: list[LatestMetric]
    tags: list[Tag]
    note: str
    kernel_name: str | None
    time_limit: float | None
    save_to: str | None
    rerun_of: str | None
    source_digest: str | None
    executed_digest: str | None
    cpu_seconds: float | None
    peak_memory_bytes: int | None
    secrets_masked: int
    autolog: bool


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of runs, newest first; ``next_cursor`` is null on the last page."""

    runs: list[RunSummary]
    total: int
    next_cursor: str | None
