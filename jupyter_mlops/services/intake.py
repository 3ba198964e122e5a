"""Intake: what kernels and workers wrote to their spools becomes rows, exactly once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from sqlalchemy import Connection

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain import media_types, names, spool
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import InvalidName, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.experiments import DEFAULT_EXPERIMENT
from jupyter_mlops.domain.run_spec import Origin, check_protocol
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.executor import Executor
from jupyter_mlops.services.aside import Aside
from jupyter_mlops.services.batches import Batch, read_batch
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.origins import only_origin
from jupyter_mlops.services.record_writer import RecordWriter
from jupyter_mlops.store import events, experiments, runs, spool_cursors
from jupyter_mlops.store.database import Database


class Intake:
    """Reads spools behind the cursors kept in the store, in the transaction that moves them."""

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        executor: Executor,
        origin: Origin,
        aside: Aside,
    ) -> None:
        self._database = database
        self._content = content
        self._executor = executor
        self._origin = origin
        self._aside = aside
        self._behind: set[str] = set()

    def is_behind(self, run_id: str) -> bool:
        """Tell whether the last batch of a run left something to take in."""
        return run_id in self._behind

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that has ended."""
        self._behind.discard(run_id)

    def take_in(self, run_id: str) -> bool:
        """Take in what is new of one run, a batch at most; True when anything was.

        Raises Lengthy, with nothing done, where a large file has to be stored aside.
        A run that this store does not know is left as it is, unless it tells how code opened it.
        """
        with self._database.read() as connection:
            known = runs.find(connection, run_id) is not None
            cursors = spool_cursors.get(connection, run_id)
        if not known and not self._can_be_opened(run_id):
            return False
        staged: dict[str, Artifact | None] = {}
        with ExitStack() as naming:

            def store(record: spool.ArtifactStaged) -> None:
                """Put a staged file into the content store before the transaction (row D3)."""
                if not staged:
                    naming.enter_context(self._content.naming())
                staged[record.file] = self._store_one(run_id, record)

            batch = read_batch(self._executor.spools(run_id), cursors, store)
            if not batch.cursors:
                self._behind.discard(run_id)
                return False
            if not known and not _tells_of_opening(batch):
                return False
            with self._database.write() as connection:
                if spool_cursors.get(connection, run_id) != cursors:
                    # Another process has taken these records in since the cursors were read.
                    return True
                written = self._write(connection, run_id, batch, staged)
        if written:
            self._settle(run_id, batch, staged)
        return written

    def _can_be_opened(self, run_id: str) -> bool:
        """Tell whether code opened the run, and said so; Conflict when a newer version did."""
        if self._executor.is_batch(run_id):
            return False
        opening = self._executor.opening(run_id)
        if opening is not None:
            check_protocol(opening.protocol, spool.PROTOCOL_VERSION)
        return opening is not None

    def _settle(self, run_id: str, batch: Batch, staged: Mapping[str, Artifact | None]) -> None:
        if batch.behind:
            self._behind.add(run_id)
        else:
            self._behind.discard(run_id)
        for name, artifact in staged.items():
            if artifact is not None:
                # The content store has the bytes, and the row names them.
                self._executor.directory(run_id).remove_staged(name)

    def _store_one(self, run_id: str, record: spool.ArtifactStaged) -> Artifact | None:
        """Return None for a file that is gone, or not what its record says."""
        directory = self._executor.directory(run_id)
        try:
            path = names.logical_path(record.path)
            with directory.open(f"staged/{names.logical_path(record.file)}") as file:
                self._aside.admit(os.fstat(file.fileno()).st_size)
                digest, size = self._content.put_stream(file)
        except (InvalidName, NotFound):
            return None
        if digest != f"sha256:{record.sha256}":
            return None
        media_type, preview = media_types.of_path(path)
        return Artifact(
            path=path,
            digest=digest,
            size=size,
            media_type=media_type,
            preview=preview,
            created_at=record.ts,
        )

    def _write(
        self,
        connection: Connection,
        run_id: str,
        batch: Batch,
        staged: Mapping[str, Artifact | None],
    ) -> bool:
        """Write the rows and move the cursors; False when nothing can be written yet."""
        state = runs.find(connection, run_id)
        if state is None:
            state = self._open_from_code(connection, run_id, batch.records)
        if state is None:
            # Its first record is not there yet: the cursors stay where they are.
            return False
        stored = {name: artifact for name, artifact in staged.items() if artifact is not None}
        writer = RecordWriter(connection, run_id, stored)
        for name, record in batch.records:
            writer.apply(record, from_worker=name.startswith("worker-"))
        writer.finish(state.user, batch.damaged + len(staged) - len(stored))
        for name, position in batch.cursors.items():
            spool_cursors.put(connection, run_id, name, position)
        return True

    def _open_from_code(
        self, connection: Connection, run_id: str, records: Sequence[tuple[str, spool.Record]]
    ) -> runs.RunState | None:
        """Make the row of a run that a notebook or script opened; None without its first record."""
        opened = next((item for _, item in records if isinstance(item, spool.RunOpened)), None)
        if opened is None or opened.run_id != run_id:
            return None
        experiment_id, created = experiments.ensure(
            connection, _label(opened.experiment, DEFAULT_EXPERIMENT), now_ms()
        )
        if created:
            events.append(connection, EventType.EXPERIMENT_CREATED, str(experiment_id), opened.user)
        runs.insert(
            connection,
            runs.NewRunRow(
                run_id=run_id,
                experiment_id=experiment_id,
                name=_label(opened.name or "", f"{opened.source_type} {run_id[:6]}"),
                source_type=opened.source_type,
                notebook=opened.source_path,
                user=opened.user,
                kernel_name=None,
                time_limit=None,
                save_to=None,
                rerun_of=None,
                source_digest=None,
                created_at=opened.ts,
                status=RunStatus.SCHEDULED,
                spec=None if self._origin.home_id is None else only_origin(self._origin),
            ),
        )
        runs.start(connection, run_id, opened.ts)
        events.append(connection, EventType.RUN_CREATED, run_id, opened.user)
        events.append(connection, EventType.RUN_STARTED, run_id, opened.user)
        return runs.find(connection, run_id)


def _tells_of_opening(batch: Batch) -> bool:
    return any(isinstance(record, spool.RunOpened) for _, record in batch.records)


def _label(text: str, otherwise: str) -> str:
    try:
        return names.label(text)
    except InvalidName:
        return otherwise
