"""What the server answers, as typed dictionaries: exactly the JSON of the REST contract.

Made from the structs of the domain by `make contract`; edit those instead.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

WireFloat = float | Literal["NaN", "Infinity", "-Infinity"]
TERMINAL: frozenset[str] = frozenset({"FAILED", "FINISHED", "KILLED"})


class ServerStatus(TypedDict):
    """State of store and queue; ``message`` says what to do when ``state`` is not ready."""

    version: str
    state: Literal["starting", "ready", "read_only", "failed"]
    message: str | None
    user: str
    seq: int
    dispatching: bool
    concurrency: int
    scheduled: int
    running: int


class Event(TypedDict):
    """One committed fact; ``seq`` is the commit order and the cursor. Time in milliseconds UTC."""

    seq: int
    type: Literal[
        "run.created",
        "run.started",
        "run.progressed",
        "run.logged",
        "run.changed",
        "run.cancel_requested",
        "run.ended",
        "run.deleted",
        "run.restored",
        "run.purged",
        "experiment.created",
        "experiment.changed",
        "experiment.deleted",
        "experiment.restored",
        "experiment.purged",
        "registered_model.created",
        "registered_model.changed",
        "registered_model.deleted",
        "model_version.created",
        "model_version.changed",
        "model_version.deleted",
        "alias.moved",
        "alias.removed",
        "logged_model.created",
        "logged_model.changed",
        "logged_model.deleted",
        "logged_model.purged",
        "preferences.changed",
    ]
    subject: str
    actor: str
    created_at: int


class EventPage(TypedDict):
    """Events after a cursor, in order; ``reset`` when the cursor is older than the 7 days kept."""

    events: list[Event]
    seq: int
    reset: bool


class Tag(TypedDict):
    """One key and text set on a run."""

    key: str
    value: str


class Experiment(TypedDict):
    """One experiment, with the number of its runs that are not in the trash."""

    experiment_id: int
    name: str
    description: str
    created_at: int
    updated_at: int
    deleted_at: int | None
    tags: list[Tag]
    run_count: int
    last_run_at: int | None


class ExperimentList(TypedDict):
    """Experiments, the most recently used first; ``total`` counts those that match."""

    experiments: list[Experiment]
    total: int


class ParameterSpec(TypedDict):
    """One assignment of the parameters cell.

    ``default`` is the JSON form of the value (dates as ISO 8601 text, tuples and sets as lists);
    it is null and means nothing unless ``default_known``: a required parameter has none, and
    ``source`` shows one that is an expression. A secret never has a default. ``minimum`` and
    ``maximum`` are allowed themselves, unless exclusive.
    """

    key: str
    type: Literal[
        "bool",
        "int",
        "float",
        "str",
        "list",
        "tuple",
        "set",
        "dict",
        "date",
        "datetime",
        "none",
        "json",
    ]
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
    exclusive_minimum: bool
    exclusive_maximum: bool


class NotebookInspection(TypedDict):
    """The form of a notebook: its parameters, kernel, digest, and what was used last.

    ``has_parameters_cell`` says that a cell is tagged, in whatever language; only where
    ``reads_parameters`` is true are its parameters known, and no others accepted. ``last_used``
    holds what was given, without secrets, as far as it still fits; ``last_kernel_name`` is null
    when the kernel was the notebook's own.
    """

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


class KernelSpecInfo(TypedDict):
    """One installed kernelspec; ``warm`` when it runs in the server's own interpreter."""

    name: str
    display_name: str
    language: str
    interpreter: str
    warm: bool
    default: bool


class KernelList(TypedDict):
    """All installed kernelspecs, the default first."""

    kernels: list[KernelSpecInfo]


class KernelCheck(TypedDict):
    """The outcome of a pre-flight: whether the kernel starts and answers, and how long it took."""

    name: str
    ok: bool
    message: str
    duration_ms: int
    implementation: str | None
    language_version: str | None


class Preferences(TypedDict):
    """What one user prefers.

    With ``autolog`` kernels that start from then on let MLflow log training by itself, as do runs
    whose request does not say.
    """

    autolog: bool


class Progress(TypedDict):
    """How far a run is: code cells done of total, and the index of the current or failing cell."""

    cells_done: int
    cells_total: int
    current_cell: int | None
    failing_cell: int | None


class LatestMetric(TypedDict):
    """The latest value of a metric (greatest step, then timestamp, then value) and the extent of its series."""

    key: str
    value: WireFloat
    step: int
    timestamp: int
    count: int
    minimum: WireFloat | None
    maximum: WireFloat | None


class RunSummary(TypedDict):
    """One row of a list of runs; times are milliseconds since the epoch, UTC.

    ``parent_run_id`` is what a client says: there need be no such run.
    """

    run_id: str
    name: str
    experiment_id: int
    experiment: str
    status: Literal["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"]
    reason: (
        Literal[
            "cancelled",
            "cell_error",
            "kernel_died",
            "out_of_memory",
            "start_timeout",
            "time_limit",
            "lost",
            "refused",
        ]
        | None
    )
    message: str | None
    source_type: Literal["notebook", "interactive", "script", "client"]
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


class Parameter(TypedDict):
    """One recorded parameter; a secret has ``secret`` true and the value ``***``.

    ``origin`` is ``given`` for what the request named, ``default`` for what the notebook itself
    holds for the rest, ``logged`` for what the code recorded.
    """

    key: str
    value: Any
    type: str
    secret: bool
    origin: Literal["given", "default", "logged"]


class Run(RunSummary):
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


class RunPage(TypedDict):
    """One page of runs, newest first; ``next_cursor`` is null on the last page."""

    runs: list[RunSummary]
    total: int
    next_cursor: str | None


class TrashContents(TypedDict):
    """How much is in the trash: what was deleted, and not for good."""

    runs: int
    experiments: int
    logged_models: int


class Purged(TypedDict):
    """What is gone for good, and the bytes of its files that came free.

    Files that another run names too stay, and do not count. ``logged_models`` are those that went by
    themselves, not with their run. ``remaining`` is how many runs the trash still holds: a long one is
    emptied by several requests.
    """

    runs: int
    experiments: int
    logged_models: int
    bytes_freed: int
    remaining: int


class History(TypedDict):
    """A metric over steps, in columns of equal length.

    When ``thinned``, each entry stands for a bucket of consecutive points: ``values`` holds the
    last, ``minimum`` and ``maximum`` the extremes of the finite values in it.
    """

    key: str
    steps: list[int]
    timestamps: list[int]
    values: list[WireFloat]
    minimum: list[WireFloat | None]
    maximum: list[WireFloat | None]
    count: int
    thinned: bool


class Cell(TypedDict):
    """One code cell; ``index`` counts all cells of the executed notebook from 0."""

    index: int
    cell_id: str | None
    state: Literal["pending", "running", "completed", "failed", "interrupted"]
    started_at: int | None
    duration_ms: int | None
    error_name: str | None
    error_value: str | None


class CellList(TypedDict):
    """The code cells of a run in notebook order."""

    cells: list[Cell]


class GitState(TypedDict):
    """The commit of the notebook's repository; ``remote`` holds no credentials.

    ``dirty`` tells of changes that the commit does not have, null when git did not answer in time.
    """

    commit: str
    branch: str | None
    dirty: bool | None
    remote: str | None


class Package(TypedDict):
    """One distribution of the kernel's environment."""

    name: str
    version: str


class Environment(TypedDict):
    """The recorded surroundings of one run; a null field could not be found out."""

    kernel_name: str | None
    kernel_display_name: str | None
    language: str | None
    language_version: str | None
    interpreter: str | None
    platform: str | None
    hostname: str | None
    cpu_model: str | None
    cpu_count: int | None
    memory_bytes: int | None
    git: GitState | None
    packages: list[Package]
    packages_digest: str | None


class LogPage(TypedDict):
    """A piece of a run's log; ask again with ``after=next_offset``. Offsets are in bytes."""

    text: str
    offset: int
    next_offset: int
    size: int
    complete: bool


class Artifact(TypedDict):
    """One file of a run; ``digest`` is ``sha256:<64 hex digits>``, ``size`` in bytes."""

    path: str
    digest: str
    size: int
    media_type: str
    preview: Literal["text", "image", "table", "json", "html", "markdown", "notebook", "none"]
    created_at: int


class ArtifactList(TypedDict):
    """All files of a run by path."""

    artifacts: list[Artifact]
