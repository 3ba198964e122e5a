"""The executed notebook of a run whose worker was killed: its running cells become interrupted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.execution.durable_file import write_durably
from jupyter_mlops.execution.executed_notebook import utc_now
from jupyter_mlops.execution.notebook_json import encode

if TYPE_CHECKING:
    from pathlib import Path


def mark_interrupted(executed: Path) -> int | None:
    """Correct the notebook if it claims that a cell still runs; return the index of that cell."""
    try:
        notebook = json.loads(executed.read_bytes())
    except (FileNotFoundError, ValueError):  # a power loss can leave the file empty
        return None
    interrupted = [
        index
        for index, cell in enumerate(notebook["cells"])
        if _mark(cell).get("status") == "running"
    ]
    for index in interrupted:
        _mark(notebook["cells"][index]).update(
            status=CellState.INTERRUPTED.value, exception=True, end_time=utc_now()
        )
    run_mark = _mark(notebook)
    if not interrupted and run_mark.get("end_time"):
        return None
    run_mark.update(exception=True, end_time=utc_now())
    write_durably(executed, encode(notebook, 0) + b"\n")
    return interrupted[0] if interrupted else None


def _mark(part: dict[str, Any]) -> dict[str, Any]:
    mark = part.get("metadata", {}).get("papermill", {})
    return mark if isinstance(mark, dict) else {}
