"""What the server answers, as typed dictionaries: exactly the JSON of the REST contract.

A test compares them with the structs of the domain. Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

WireFloat = float | Literal["NaN", "Infinity", "-Infinity"]
Status = Literal["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"]
TERMINAL: frozenset[str] = frozenset({"FINISHED", "FAILED", "KILLED"})


class ServerStatus(TypedDict):
    """State of store and queue; ``message`` says what to do when ``state`` is not ``ready``."""

    version: str
    state: Literal["starting", "ready", "read_only", "failed"]
    message: str | None
    user: str
    seq: int
    dispatching: bool
    concurrency: int
    scheduled: int
    running: int


class Progress(TypedDict):
    """Code cells done of all, and the index of the current or failing cell."""

    cells_done: int
    cells_total: int
    current_cell: int | None
    failing_cell: int | None


class LatestMetric(TypedDict):
    """The latest value of a metric and the extent of its series."""

    key: str
    value: WireFloat
    step: int
    timestamp: int
    count: int
    minimum: WireFloat | None
    maximum: WireFloat | None


class RunSummary(TypedDict):
    """One row of a list of runs."""

    run_id: str
    name: str
    experiment_id: int
    experiment: str
    status: Status
    reason: str | None
    message: str | None
    source_type: Literal["notebook", "interactive", "script"]
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


class Parameter(TypedDict):
    """One recorded parameter; a secret has the value ``***``."""

    key: str
    value: Any
    type: str
    secret: bool
    origin: Literal["given", "default", "logged"]


class Tag(TypedDict):
    """One key and text set on a run."""

    key: str
    value: str


class Run(RunSummary):
    """Everything small about one run."""

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


class RunPage(TypedDict):
    """One page of runs, newest first; ``next_cursor`` is null on the last page."""

    runs: list[RunSummary]
    total: int
    next_cursor: str | None


class Purged(TypedDict):
    """Runs that are gone for good, the bytes that came free, and how many the trash still holds."""

    runs: int
    bytes_freed: int
    remaining: int


class History(TypedDict):
    """A metric over steps, in columns of equal length; thinned entries stand for buckets."""

    key: str
    steps: list[int]
    timestamps: list[int]
    values: list[WireFloat]
    minimum: list[WireFloat | None]
    maximum: list[WireFloat | None]
    count: int
    thinned: bool


class Experiment(TypedDict):
    """One experiment and the number of its runs."""

    experiment_id: int
    name: str
    description: str
    created_at: int
    run_count: int
    last_run_at: int | None


class KernelSpecInfo(TypedDict):
    """One installed kernelspec; ``warm`` when it runs in the server's own interpreter."""

    name: str
    display_name: str
    language: str
    interpreter: str
    warm: bool
    default: bool


class KernelCheck(TypedDict):
    """Whether a kernel starts and answers, and how long that took."""

    name: str
    ok: bool
    message: str
    duration_ms: int
    implementation: str | None
    language_version: str | None


class ParameterSpec(TypedDict):
    """One parameter of a notebook's parameters cell."""

    name: str
    type: str
    default: Any
    default_known: bool
    source: str
    help: str
    required: bool
    nullable: bool
    secret: bool
    choices: list[Any] | None
    minimum: float | None
    maximum: float | None


class NotebookInspection(TypedDict):
    """What is known of a notebook before it runs."""

    path: str
    digest: str
    language: str
    kernel_name: str | None
    has_parameters_cell: bool
    reads_parameters: bool
    parameters: list[ParameterSpec]
    warnings: list[str]
    code_cells: int
    last_used: dict[str, Any]
    last_experiment: str | None
    last_kernel_name: str | None
    last_time_limit: float | None
    default_experiment: str


class Cell(TypedDict):
    """One code cell of a run; ``index`` counts all cells from 0."""

    index: int
    cell_id: str | None
    state: Literal["pending", "running", "completed", "failed", "interrupted"]
    started_at: int | None
    duration_ms: int | None
    error_name: str | None
    error_value: str | None


class Artifact(TypedDict):
    """One file of a run; ``digest`` is ``sha256:<64 hex digits>``, ``size`` in bytes."""

    path: str
    digest: str
    size: int
    media_type: str
    preview: str
    created_at: int


class LogPage(TypedDict):
    """A piece of a run's log; offsets are in bytes. ``complete`` when nothing will follow."""

    text: str
    offset: int
    next_offset: int
    size: int
    complete: bool


class Event(TypedDict):
    """One committed fact; ``seq`` is the commit order and the cursor."""

    seq: int
    type: str
    subject: str
    actor: str
    created_at: int


class EventPage(TypedDict):
    """Events after a cursor; ``reset`` when the cursor is older than what is kept."""

    events: list[Event]
    seq: int
    reset: bool
