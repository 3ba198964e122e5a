"""The executed notebook of a run whose worker was killed, made to say what became of its cells.

The worker saves the notebook now and then, but reports each cell at once: the spool knows more.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_mlops import durable
from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.domain.errors import NotFound, TooLarge
from jupyter_mlops.domain.spool import WRITER_NAME, CellChanged
from jupyter_mlops.execution.executed_notebook import utc_now
from jupyter_mlops.execution.notebook_json import encode
from jupyter_mlops.execution.spool import read_records

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.execution.run_directory import RunDirectory

# Several times what the outputs of a notebook may hold; a larger one keeps the marks that it has.
NOTEBOOK_MAX_BYTES = 256_000_000


def close_unfinished(run: RunDirectory) -> int | None:
    """Correct ``executed.ipynb``, if that can be; return the index of the interrupted cell.

    Raises nothing: the end of the run is still to be told, whatever the disk or the run's own code
    did to its files.
    """
    reported = _last_reports(run)
    with suppress(Exception):  # a full disk as a rule
        _correct(run, reported)
    running = [index for index, cell in reported.items() if cell.state is CellState.RUNNING]
    return min(running, default=None)


def _correct(run: RunDirectory, reported: dict[int, CellChanged]) -> None:
    notebook = _executed(run)
    if notebook is None:
        return
    now = utc_now()
    for index, cell in enumerate(notebook["cells"]):
        if index in reported and (mark := _mark(cell)) is not None:
            mark.update(_fate(reported[index], now))
    if (mark := _mark(notebook)) is not None and not mark.get("end_time"):
        mark.update(exception=True, end_time=now)
    durable.write(run.executed, encode(notebook, 0) + b"\n")


def _executed(run: RunDirectory) -> dict[str, Any] | None:
    """Return the executed notebook; None when there is none, or what is there is not one.

    A power loss can leave the file empty, and the notebook itself can put anything in its place.
    """
    try:
        notebook = json.loads(run.read(run.executed.name, NOTEBOOK_MAX_BYTES, hard_links=True))
    except (NotFound, TooLarge, ValueError, RecursionError):
        return None
    shaped = isinstance(notebook, dict) and isinstance(notebook.get("cells"), list)
    return notebook if shaped else None


def _last_reports(run: RunDirectory) -> dict[int, CellChanged]:
    reports: dict[int, CellChanged] = {}
    for path in run.spools():
        if WRITER_NAME.fullmatch(path.stem):
            with suppress(OSError):  # of one that cannot be read, the others know nothing
                reports |= _reports_in(path)
    return reports


def _reports_in(path: Path) -> dict[int, CellChanged]:
    reports: dict[int, CellChanged] = {}
    offset = -1
    batch = read_records(path, 0)
    while batch.next_offset != offset:
        offset = batch.next_offset
        reports |= {
            record.index: record for record in batch.records if isinstance(record, CellChanged)
        }
        batch = read_records(path, offset)
    return reports


def _fate(cell: CellChanged, now: str) -> dict[str, Any]:
    if cell.state is CellState.PENDING:
        return {}
    if cell.state is CellState.RUNNING:
        return {"status": CellState.INTERRUPTED.value, "exception": True, "end_time": now}
    fate: dict[str, Any] = {
        "status": cell.state.value,
        "exception": cell.state is not CellState.COMPLETED,
    }
    if cell.duration_ms is not None:
        fate["duration"] = cell.duration_ms / 1000
    return fate


def _mark(part: Any) -> dict[str, Any] | None:
    """Return what is marked of a cell or a notebook; None where nothing is."""
    for key in ("metadata", "papermill"):
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else None
