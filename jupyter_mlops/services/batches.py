"""Batches: as many records of a run as one short transaction should hold.

Whoever takes in a run must soon turn to the others, and to those who write to the same store. So
a batch is bounded by what its records cost to write, not by their bytes alone. A record of many
keys is taken in by pieces; the cursor of its spool then tells how many of them are done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.domain import spool
from jupyter_mlops.execution.spool import SpoolBatch, read_records

READ_BYTES = 512 * 1024
# About one for each statement that a batch takes; shared by the spools of a run.
COST_MAX = 2_000.0
COST_MIN_EACH = 100.0
PIECE_KEYS = 500
# Files are copied and synced before the transaction; no further one is begun after this long.
FILES_SECONDS = 0.25
# In the cursors of a run: how many pieces of the record at the cursor are in the store.
_PIECES = "#pieces"

_SPLIT: dict[type, str] = {
    spool.MetricsLogged: "m",
    spool.ParametersLogged: "p",
    spool.TagsSet: "g",
}


@dataclass
class Batch:
    """Records of one run with the names of their writers, and the cursors once they are stored.

    ``behind`` tells that there was more to read.
    """

    records: list[tuple[str, spool.Record]] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=dict)
    damaged: int = 0
    behind: bool = False


def read_batch(
    paths: list[Path], cursors: Mapping[str, int], store_file: Callable[[spool.ArtifactStaged], Any]
) -> Batch:
    """Read what comes behind the cursors; ``store_file`` is called for each artifact taken."""
    batch = Batch()
    paths = [path for path in paths if spool.WRITER_NAME.fullmatch(path.stem)]
    reading = _Reading(
        batch,
        cost_max=max(COST_MIN_EACH, COST_MAX / max(1, len(paths))),
        files_until=time.monotonic() + FILES_SECONDS,
        store_file=store_file,
    )
    for path in paths:
        reading.read(path, cursors)
    return batch


@dataclass
class _Reading:
    """Fills a batch from one spool after the other."""

    batch: Batch
    cost_max: float
    files_until: float
    store_file: Callable[[spool.ArtifactStaged], Any]
    _file_stored: bool = False

    def read(self, path: Path, cursors: Mapping[str, int]) -> None:
        """Take from one spool what fits."""
        writer = path.stem
        offset, done = cursors.get(writer, 0), cursors.get(writer + _PIECES, 0)
        read = read_records(path, offset, limit_bytes=READ_BYTES)
        if read.next_offset == offset:
            return
        reached, pieces = self._take(writer, read, offset, done)
        self.batch.behind |= reached != read.next_offset or reached - offset >= READ_BYTES
        self.batch.damaged += sum(offset <= damage < reached for damage in read.damages)
        if reached != offset:
            self.batch.cursors[writer] = reached
        if pieces != done:
            self.batch.cursors[writer + _PIECES] = pieces

    def _take(self, writer: str, read: SpoolBatch, offset: int, done: int) -> tuple[int, int]:
        """Return where the cursor stands then: its offset, and pieces done of the record there."""
        left = self.cost_max
        known: set[str] = set()
        for record, end in zip(read.records, read.ends, strict=True):
            for number, piece in enumerate(_pieces(record)):
                if number < done:
                    continue
                cost = _cost(piece, known)
                if (cost > left and left < self.cost_max) or not self._has_time(piece):
                    return offset, number
                left -= cost
                if isinstance(piece, spool.ArtifactStaged):
                    self._file_stored = True
                    self.store_file(piece)
                self.batch.records.append((writer, piece))
            offset, done = end, 0
        return read.next_offset, 0

    def _has_time(self, piece: spool.Record) -> bool:
        if not isinstance(piece, spool.ArtifactStaged) or not self._file_stored:
            return True
        return time.monotonic() < self.files_until


def _pieces(record: spool.Record) -> Iterator[spool.Record]:
    """Give a record in pieces of few keys; most have one."""
    name = _SPLIT.get(type(record))
    values: dict[str, Any] = {} if name is None else getattr(record, name)
    if name is None or len(values) <= PIECE_KEYS:
        yield record
        return
    items = iter(values.items())
    while some := dict(islice(items, PIECE_KEYS)):
        yield msgspec.structs.replace(record, **{name: some})


def _cost(record: spool.Record, known: set[str]) -> float:
    """Return about how many statements a record takes; ``known`` are the metrics met before."""
    if isinstance(record, spool.MetricsLogged):
        new = record.m.keys() - known
        known |= new
        return len(new) + 0.02 * len(record.m)
    if isinstance(record, spool.TagsSet):
        return 0.2 * len(record.g)
    if isinstance(record, spool.ParametersLogged):
        return 0.2 * len(record.p)
    if isinstance(record, spool.ArtifactStaged):
        return 20.0
    return 4.0
