"""The executed notebook: the source's cells with what became of each, always a valid notebook.

Cell metadata is papermill's (``papermill``: status, times, exception) and nbclient's
(``execution``: dates of the kernel's messages), which JupyterLab and other tools read.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.domain.errors import InvalidNotebook
from jupyter_mlops.execution.notebook_json import encode, joined, lines

if TYPE_CHECKING:
    from jupyter_mlops.execution.outputs import CellOutputs

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CELL_DEPTH = 2
_KINDS = frozenset({"code", "markdown", "raw"})


class ExecutedCell:
    """One cell; its ``outputs`` are set when it is about to run."""

    def __init__(self, cell_id: str, kind: str, source: str, metadata: dict[str, Any]) -> None:
        self.id = cell_id
        self.kind = kind
        self.source = source
        self.metadata = metadata
        self.attachments: dict[str, Any] | None = None
        self.execution_count: int | None = None
        self.outputs: CellOutputs | None = None
        self.state = CellState.PENDING
        self.duration_ms: int | None = None
        self._started = 0.0
        self._encoded: list[bytes] | None = None

    @property
    def tags(self) -> list[str]:
        """Tags that users put on the cell."""
        tags = self.metadata.get("tags")
        return [str(tag) for tag in tags] if isinstance(tags, list) else []

    def start(self) -> None:
        """Mark the cell as running from now on."""
        self._started = time.monotonic()
        self._set_state(CellState.RUNNING, {"exception": False, "start_time": utc_now()})

    def end(self, state: CellState) -> None:
        """Mark what became of the cell; a cell that never ran took 0 ms."""
        duration = time.monotonic() - self._started if self._started else 0.0
        self.duration_ms = round(duration * 1000)
        changes: dict[str, Any] = {"end_time": utc_now(), "duration": round(duration, 6)}
        changes["exception"] = state is not CellState.COMPLETED
        self._set_state(state, changes)

    def stamp(self, moment: str, date: str) -> None:
        """Note the date of a message of the kernel, e.g. ``iopub.status.idle``."""
        if date:
            self.metadata.setdefault("execution", {})[moment] = date
            self.touch()

    def touch(self) -> None:
        """Have the cell encoded anew for the next save."""
        self._encoded = None

    def fragments(self) -> list[bytes]:
        """Return the pieces that make the cell in the file; large outputs are never copied."""
        if self._encoded is None or (self.outputs is not None and self.outputs.changed):
            self._encoded = self._encode()
        return self._encoded

    def _set_state(self, state: CellState, changes: dict[str, Any]) -> None:
        self.state = state
        self.metadata["papermill"] |= changes | {"status": state.value}
        self.touch()

    def _encode(self) -> list[bytes]:
        cell: dict[str, Any] = {"cell_type": self.kind, "id": self.id, "metadata": self.metadata}
        cell["source"] = lines(self.source)
        if self.kind != "code":
            if self.attachments is not None:
                cell["attachments"] = self.attachments
            return [encode(cell, _CELL_DEPTH)]
        cell["execution_count"] = self.execution_count
        outputs = []
        if self.outputs is not None:
            self.outputs.changed = False
            outputs = self.outputs.fragments()
        if not outputs:
            return [encode(cell | {"outputs": []}, _CELL_DEPTH)]
        source = encode({"source": cell.pop("source")}, _CELL_DEPTH)
        pieces = [encode(cell, _CELL_DEPTH).removesuffix(b"\n  }"), b',\n   "outputs": [\n    ']
        for output in outputs:
            pieces += (output, b",\n    ")
        pieces[-1] = b"\n   ],"
        pieces.append(source.removeprefix(b"{"))
        return pieces


class ExecutedNotebook:
    """All cells in order, and the notebook's own metadata."""

    def __init__(self, cells: list[ExecutedCell], metadata: dict[str, Any]) -> None:
        self.cells = cells
        self.metadata = metadata
        self._ids: set[str] = set()

    @classmethod
    def from_source(cls, source: bytes) -> ExecutedNotebook:
        """Read a notebook of format 4; its outputs and old run marks are left behind.

        Raises InvalidNotebook.
        """
        document = _read(source)
        if document.get("nbformat") != 4:
            raise InvalidNotebook(
                "The notebook is not in format 4. Open it in JupyterLab and save it anew."
            )
        cells = document.get("cells")
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise InvalidNotebook("The notebook has no list of cells.")
        metadata = document.get("metadata")
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        for stale in ("papermill", "widgets"):
            metadata.pop(stale, None)
        notebook = cls([], metadata)
        for cell in cells:
            notebook.cells.append(notebook._take(cell))
        return notebook

    @property
    def language(self) -> str:
        """Language that the notebook declares, in lower case; empty if it does not."""
        for part, key in (("kernelspec", "language"), ("language_info", "name")):
            declared = self.metadata.get(part)
            if isinstance(declared, dict) and declared.get(key):
                return str(declared[key]).lower()
        return ""

    def inject(self, source: str, after: str, tag: str) -> None:
        """Put a code cell tagged ``tag`` behind the cell tagged ``after``, or on top.

        It takes the place of an injected cell that an earlier execution left.
        """
        metadata = {"papermill": _no_mark(), "tags": [tag]}
        cell = ExecutedCell(self._free_id(), "code", source, metadata)
        if (old := self._first_tagged(tag)) is not None:
            self.cells[old] = cell
        elif (parameters := self._first_tagged(after)) is not None:
            self.cells.insert(parameters + 1, cell)
        else:
            self.cells.insert(0, cell)

    def fragments(self) -> list[bytes]:
        """Return the pieces that make the notebook file."""
        pieces = [b'{\n "cells": [\n  ']
        for cell in self.cells:
            pieces += cell.fragments()
            pieces.append(b",\n  ")
        pieces[-1] = b"\n ],\n" if self.cells else b'{\n "cells": [],\n'
        pieces += (
            b' "metadata": ',
            encode(self.metadata, 1),
            b',\n "nbformat": 4,\n "nbformat_minor": 5\n}\n',
        )
        return pieces

    def _take(self, cell: dict[str, Any]) -> ExecutedCell:
        kind = cell.get("cell_type")
        if kind not in _KINDS:
            raise InvalidNotebook("The notebook has a cell of an unknown type.")
        metadata = cell.get("metadata")
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        for stale in ("papermill", "execution"):
            metadata.pop(stale, None)
        if kind == "code":
            metadata["papermill"] = _no_mark()
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or not _CELL_ID.fullmatch(cell_id) or cell_id in self._ids:
            cell_id = self._free_id()
        self._ids.add(cell_id)
        taken_cell = ExecutedCell(cell_id, kind, joined(cell.get("source")), metadata)
        if kind != "code" and isinstance(cell.get("attachments"), dict):
            taken_cell.attachments = cell["attachments"]
        return taken_cell

    def _first_tagged(self, tag: str) -> int | None:
        return next((index for index, cell in enumerate(self.cells) if tag in cell.tags), None)

    def _free_id(self) -> str:
        while (cell_id := uuid.uuid4().hex[:8]) in self._ids:
            pass
        self._ids.add(cell_id)
        return cell_id


def _no_mark() -> dict[str, Any]:
    mark = dict.fromkeys(("duration", "end_time", "exception", "start_time"))
    return mark | {"status": CellState.PENDING.value}


def _read(source: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(source)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Python's decoder also takes NaN, lone surrogates and a byte order mark.
        try:
            document = json.loads(source)
        except ValueError as error:
            raise InvalidNotebook("The file is not a notebook: it is not JSON.") from error
    if not isinstance(document, dict):
        raise InvalidNotebook("The file is not a notebook: it is not a JSON object.")
    return document


def utc_now() -> str:
    """Return the time of day as ISO 8601 text, as papermill writes it."""
    return datetime.now(timezone.utc).isoformat()
