"""Reading runs: one with everything small about it, or a page of a list in two or three queries."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from jupyter_mlops.domain.errors import InvalidRequest, NotFound
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import Progress, Reason, Run, RunPage, RunStatus, RunSummary
from jupyter_mlops.store import child_runs, metrics, parameters, run_texts, tags
from jupyter_mlops.store.metric_series import COLUMNS, Series
from jupyter_mlops.store.tables import experiments, metric_series, runs
from jupyter_mlops.store.tables import run_texts as run_texts_table

_series_of = attrgetter(*COLUMNS)


def get(connection: Connection, run_id: str) -> Run:
    """Return one run, in the trash or not; NotFound when there is none."""
    row = connection.execute(
        _selection(
            runs.c.note,
            runs.c.kernel_name,
            runs.c.time_limit,
            runs.c.save_to,
            runs.c.rerun_of,
            runs.c.source_digest,
            runs.c.executed_digest,
            runs.c.cpu_seconds,
            runs.c.peak_memory_bytes,
            runs.c.secrets_masked,
            runs.c.autolog,
        ).where(runs.c.run_id == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    return Run(
        **_summary_fields(row, _queue(connection, [row])),
        parameters=parameters.for_seq(connection, row.seq),
        metrics=metrics.for_seq(connection, row.seq),
        tags=tags.for_seq(connection, row.seq),
        note=row.note,
        kernel_name=row.kernel_name,
        time_limit=row.time_limit,
        save_to=row.save_to,
        rerun_of=row.rerun_of,
        source_digest=row.source_digest,
        executed_digest=row.executed_digest,
        cpu_seconds=row.cpu_seconds,
        peak_memory_bytes=row.peak_memory_bytes,
        secrets_masked=row.secrets_masked,
        autolog=row.autolog,
    )


def page(connection: Connection, query: RunQuery) -> RunPage:
    """Return one page of the runs that match, newest first."""
    conditions = _conditions(query)
    counted = select(func.count()).select_from(runs).where(*conditions)
    selected = _selection().where(*conditions)
    if query.text and query.text.strip():
        matching = run_texts.matches(query.text)
        joined = run_texts_table.c.run == runs.c.seq
        counted = counted.join(run_texts_table, joined).where(matching)
        selected = selected.join(run_texts_table, joined).where(matching)
    if query.cursor is not None:
        selected = selected.where(runs.c.seq < _seq_of_cursor(query.cursor))
    rows = connection.execute(selected.order_by(runs.c.seq.desc()).limit(query.limit + 1)).all()
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    queue = _queue(connection, rows)
    return RunPage(
        runs=[RunSummary(**_summary_fields(row, queue)) for row in rows],
        total=connection.scalar(counted) or 0,
        next_cursor=_cursor_of_seq(rows[-1].seq) if more else None,
    )


def _conditions(query: RunQuery) -> list[ColumnElement[bool]]:
    in_trash = runs.c.deleted_at.is_not(None)
    conditions: list[ColumnElement[bool]] = [
        in_trash if query.deleted else runs.c.deleted_at.is_(None)
    ]
    if query.experiment_id is not None:
        conditions.append(runs.c.experiment_id == query.experiment_id)
    if query.statuses:
        conditions.append(runs.c.status.in_([status.value for status in query.statuses]))
    if query.notebook is not None:
        conditions.append(runs.c.notebook == query.notebook)
    if query.parent is not None:
        conditions.append(child_runs.are_parts_of(query.parent))
    return conditions


def _selection(*more: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            runs.c.seq,
            runs.c.run_id,
            runs.c.name,
            runs.c.experiment_id,
            experiments.c.name.label("experiment"),
            runs.c.status,
            runs.c.reason,
            runs.c.message,
            runs.c.source_type,
            child_runs.parent_tags.c.value.label("parent"),
            runs.c.notebook,
            runs.c.user,
            runs.c.created_at,
            runs.c.started_at,
            runs.c.ended_at,
            runs.c.duration_ms,
            runs.c.cells_done,
            runs.c.cells_total,
            runs.c.current_cell,
            runs.c.failing_cell,
            runs.c.cancel_requested,
            runs.c.deleted_at,
            runs.c.version,
            metric_series.c.key,
            *COLUMNS.values(),
            *more,
        )
        .join_from(runs, experiments, experiments.c.id == runs.c.experiment_id)
        .join(metric_series, metric_series.c.id == runs.c.key_series, isouter=True)
        .join(child_runs.parent_tags, child_runs.OF_RUN, isouter=True)
    )


def _queue(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, int]:
    """Return the place in the queue, from 1, of each queued run, if any row is of one."""
    if not any(row.status == "SCHEDULED" for row in rows):
        return {}
    queued = connection.scalars(
        select(runs.c.seq).where(runs.c.status == "SCHEDULED").order_by(runs.c.seq)
    )
    return {seq: place for place, seq in enumerate(queued, start=1)}


def _summary_fields(row: Row[Any], queue: dict[int, int]) -> dict[str, Any]:
    series = None if row.id is None else Series.from_row(_series_of(row))
    return {
        "run_id": row.run_id,
        "name": row.name,
        "experiment_id": row.experiment_id,
        "experiment": row.experiment,
        "status": RunStatus(row.status),
        "reason": None if row.reason is None else Reason(row.reason),
        "message": row.message,
        "source_type": row.source_type,
        "parent_run_id": child_runs.parent_named(row.parent),
        "notebook": row.notebook,
        "user": row.user,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "duration_ms": row.duration_ms,
        "queue_position": queue.get(row.seq),
        "progress": Progress(
            cells_done=row.cells_done,
            cells_total=row.cells_total,
            current_cell=row.current_cell,
            failing_cell=row.failing_cell,
        ),
        "key_metric": None if series is None else series.latest(row.key),
        "sparkline": [] if series is None else series.line(),
        "cancel_requested": row.cancel_requested,
        "deleted_at": row.deleted_at,
        "version": row.version,
    }


def _cursor_of_seq(seq: int) -> str:
    return base64.urlsafe_b64encode(b"r%d" % seq).decode().rstrip("=")


def _seq_of_cursor(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if text[:1] == b"r" and text[1:].isdigit() and len(text) < 20:
            return int(text[1:])
    except (ValueError, binascii.Error):
        pass
    raise InvalidRequest(
        "This cursor is not one of ours; start from the first page.", field="cursor"
    )
