"""Records of a run: history, cells, environment, log, notebook, artifacts; live or stored."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, Literal

from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.artifacts import ArtifactList, LogPage
from jupyter_mlops.domain.cells import CellList
from jupyter_mlops.domain.environments import Environment
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.metrics import History, Point
from jupyter_mlops.domain.runs import ACTIVE, Run
from jupyter_mlops.safe_open import open_beneath
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.runs import check_run_id
from jupyter_mlops.store import artifacts, cells, environments, metrics, runs
from jupyter_mlops.store.database import Database

NOTEBOOK_MEDIA_TYPE = "application/x-ipynb+json"


class RunRecordService:
    """Reads what was recorded of a run. While it is on, files come from its run directory."""

    def __init__(self, database: Database, content: ContentStore, home: Path) -> None:
        self._database = database
        self._content = content
        self._home = home

    def _run(self, run_id: str) -> Run:
        check_run_id(run_id)
        with self._database.read() as connection:
            return runs.get(connection, run_id)

    def history(self, actor: Actor, run_id: str, key: str, max_points: int) -> History:
        """Return a metric over steps, thinned to at most ``max_points`` buckets."""
        require(actor, "read", "mlops:runs")
        names.key(key)
        check_run_id(run_id)
        with self._database.read() as connection:
            return metrics.history(connection, run_id, key, max_points)

    def points(self, actor: Actor, run_id: str, key: str, start: int, limit: int) -> list[Point]:
        """Return points of a metric in the order in which they came, from number ``start``."""
        require(actor, "read", "mlops:runs")
        check_run_id(run_id)
        with self._database.read() as connection:
            return metrics.points(connection, run_id, key, start, limit)

    def cells(self, actor: Actor, run_id: str) -> CellList:
        """Return the state of every code cell that was reached."""
        require(actor, "read", "mlops:runs")
        self._run(run_id)
        with self._database.read() as connection:
            return CellList(cells=cells.for_run(connection, run_id))

    def environment(self, actor: Actor, run_id: str) -> Environment:
        """Return the recorded surroundings; NotFound until they were captured."""
        require(actor, "read", "mlops:runs")
        self._run(run_id)
        with self._database.read() as connection:
            found = environments.get(connection, run_id)
        if found is None:
            raise NotFound("The environment of this run has not been captured.")
        return found

    def artifacts(self, actor: Actor, run_id: str) -> ArtifactList:
        """Return the files of a run by path."""
        require(actor, "read", "mlops:runs")
        self._run(run_id)
        with self._database.read() as connection:
            return ArtifactList(artifacts=artifacts.for_run(connection, run_id))

    def artifact(self, actor: Actor, run_id: str, path: str) -> FileBlob:
        """Open one artifact by its logical path; the host closes the file."""
        require(actor, "read", "mlops:runs")
        names.file_path(path)
        self._run(run_id)
        with self._database.read() as connection:
            found = artifacts.get(connection, run_id, path)
        return FileBlob(
            file=self._content.open(found.digest),
            size=found.size,
            media_type=found.media_type,
            filename=path.rsplit("/", 1)[-1],
            digest=found.digest,
        )

    def notebook(self, actor: Actor, run_id: str, kind: Literal["source", "executed"]) -> FileBlob:
        """Open the source or the executed notebook; the latter grows while the run is on."""
        require(actor, "read", "mlops:runs")
        run = self._run(run_id)
        digest = run.source_digest if kind == "source" else run.executed_digest
        filename = f"{run.name}.ipynb"
        if digest is not None:
            return _blob(self._content.open(digest), NOTEBOOK_MEDIA_TYPE, filename, digest)
        if kind == "executed":
            file = self._live_file(run_id, "executed.ipynb")
            if file is not None:
                return _blob(file, NOTEBOOK_MEDIA_TYPE, filename, None)
        raise NotFound("This run has no such notebook yet.")

    def log(self, actor: Actor, run_id: str, after: int, limit: int) -> LogPage:
        """Return up to ``limit`` bytes of the log from offset ``after``; -1 asks for the tail."""
        require(actor, "read", "mlops:runs")
        check_run_id(run_id)
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
            if state is None:
                raise NotFound("There is no such run.")
            digest = runs.log_digest(connection, run_id)
        complete = state.status not in ACTIVE
        file = self._content.open(digest) if digest else self._live_file(run_id, "run.log")
        if file is None:
            file = io.BytesIO()
        with file:
            return _log_page(file, after, limit, complete=complete)

    def _live_file(self, run_id: str, name: str) -> BinaryIO | None:
        try:
            return open_beneath(self._home / "runs", f"{run_id}/{name}")
        except NotFound:
            return None


def _blob(file: BinaryIO, media_type: str, filename: str, digest: str | None) -> FileBlob:
    size = file.seek(0, io.SEEK_END)
    return FileBlob(file=file, size=size, media_type=media_type, filename=filename, digest=digest)


def _log_page(file: BinaryIO, after: int, limit: int, *, complete: bool) -> LogPage:
    size = file.seek(0, io.SEEK_END)
    start = max(0, size - limit) if after == -1 else min(after, size)
    file.seek(start)
    data = file.read(limit)
    if after == -1 and start > 0:
        # The tail begins at a whole line, so that no character is cut in half.
        cut = data.find(b"\n") + 1
        start, data = start + cut, data[cut:]
    if start + len(data) < size:
        data = _whole_characters(data)
    return LogPage(
        text=data.decode("utf-8", errors="replace"),
        offset=start,
        next_offset=start + len(data),
        size=size,
        complete=complete,
    )


def _whole_characters(data: bytes) -> bytes:
    """Drop a UTF-8 sequence that the end of ``data`` cuts off (at most three bytes)."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return data
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data if back >= needed else data[:-back]
    return data
