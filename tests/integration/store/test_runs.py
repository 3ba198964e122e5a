"""The life of a run in the store."""

from __future__ import annotations

import itertools

import pytest

from jupyter_mlops.domain.cells import Cell, CellState
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound, Stale
from jupyter_mlops.domain.runs import (
    REASONS,
    TERMINAL,
    Progress,
    Reason,
    RunStatus,
    State,
    may_follow,
)
from jupyter_mlops.store import cells, runs
from jupyter_mlops.store.database import Connection, Database
from tests.integration.store.conftest import NewRun, insert_run
from tests.queued_runs import queued_ids


def test_a_new_run_is_queued_and_reads_back_as_given(database: Database, new_run: NewRun) -> None:
    run_id = new_run(name="Größe 🍷", time_limit=12.5, save_to="out/x.ipynb", spec=b'{"orders": 1}')
    with database.read() as connection:
        run = runs.get(connection, run_id)
        assert runs.spec(connection, run_id) == b'{"orders": 1}'
    assert (run.run_id, run.name, run.experiment) == (run_id, "Größe 🍷", "Default")
    assert (run.status, run.reason, run.queue_position) == (RunStatus.SCHEDULED, None, 1)
    assert (run.time_limit, run.save_to, run.version) == (12.5, "out/x.ipynb", 1)
    assert run.progress == Progress(
        cells_done=0, cells_total=0, current_cell=None, failing_cell=None
    )
    assert (run.parameters, run.metrics, run.tags, run.sparkline) == ([], [], [], [])


def test_an_unknown_run_is_not_found(database: Database) -> None:
    with database.read() as connection:
        assert runs.find(connection, "0" * 32) is None
        with pytest.raises(NotFound):
            runs.get(connection, "0" * 32)


def test_a_run_id_is_taken_once(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with pytest.raises(Conflict):
        new_run(run_id=run_id)
    with database.read() as connection:
        assert queued_ids(connection) == [run_id]


def test_the_queue_is_in_order_of_creation_whatever_the_clock_says(
    database: Database, new_run: NewRun
) -> None:
    ids = [new_run(created_at=at) for at in (3_000, 1_000, 2_000)]
    with database.read() as connection:
        assert queued_ids(connection) == ids
        assert [runs.get(connection, run_id).queue_position for run_id in ids] == [1, 2, 3]
    with database.write() as connection:
        runs.start(connection, ids[0], 4_000)
    with database.read() as connection:
        assert runs.get(connection, ids[0]).queue_position is None
        assert runs.get(connection, ids[2]).queue_position == 2
        assert [state.run_id for state in runs.active(connection)] == ids


def test_a_run_keeps_how_it_ended(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.start(connection, run_id, 2_000)
        runs.set_progress(connection, run_id, cells_total=9, current_cell=4)
    with database.write() as connection:
        runs.set_digests(
            connection, run_id, executed="sha256:" + "a" * 64, log="sha256:" + "b" * 64
        )
        runs.end(
            connection,
            run_id,
            status=RunStatus.FAILED,
            reason=Reason.CELL_ERROR,
            message="ValueError: no",
            ended_at=5_000,
            duration_ms=3_000,
            cpu_seconds=1.5,
            peak_memory_bytes=1 << 33,
            failing_cell=4,
            secrets_masked=2,
        )
    with database.read() as connection:
        run = runs.get(connection, run_id)
        assert runs.log_digest(connection, run_id) == "sha256:" + "b" * 64
        assert runs.active(connection) == []
    assert (run.status, run.reason, run.message) == (
        RunStatus.FAILED,
        Reason.CELL_ERROR,
        "ValueError: no",
    )
    assert (run.started_at, run.ended_at, run.duration_ms) == (2_000, 5_000, 3_000)
    assert (run.cpu_seconds, run.peak_memory_bytes, run.secrets_masked) == (1.5, 1 << 33, 2)
    assert run.executed_digest == "sha256:" + "a" * 64
    assert run.progress == Progress(cells_done=0, cells_total=9, current_cell=None, failing_cell=4)


_STATES = [(status, reason) for status in RunStatus for reason in sorted(REASONS[status], key=str)]
_AFTER = list(itertools.product(sorted(TERMINAL), (None, *Reason)))


def test_a_run_takes_only_the_steps_of_its_state_machine(database: Database) -> None:
    for before, after in itertools.product(_STATES, _AFTER):
        with database.write() as connection:
            run_id = insert_run(connection)
            _bring_to(connection, run_id, before)
        try:
            with database.write() as connection:
                _end(connection, run_id, after)
        except Conflict:
            assert not may_follow(before, after)
        else:
            assert may_follow(before, after)
        with database.read() as connection:
            state = runs.find(connection, run_id)
        assert state is not None
        assert (state.status, state.reason) == (after if may_follow(before, after) else before)


def _bring_to(connection: Connection, run_id: str, state: State) -> None:
    if state[0] is RunStatus.SCHEDULED:
        return
    runs.start(connection, run_id, 2)
    if state[0] is not RunStatus.RUNNING:
        _end(connection, run_id, state)


def _end(connection: Connection, run_id: str, state: State) -> None:
    status, reason = state
    runs.end(connection, run_id, status=status, reason=reason, message=None, ended_at=3)


def test_a_run_starts_once(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.start(connection, run_id, 2_000)
    with pytest.raises(Conflict), database.write() as connection:
        runs.start(connection, run_id, 3_000)
    with database.read() as connection:
        assert runs.get(connection, run_id).started_at == 2_000


def test_a_change_by_somebody_who_read_an_older_version_is_refused(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.change(connection, run_id, name="first", expected_version=1)
    with pytest.raises(Stale), database.write() as connection:
        runs.change(connection, run_id, name="second", note="lost?", expected_version=1)
    with database.write() as connection:
        runs.change(connection, run_id, note="kept", expected_version=2)
    with database.read() as connection:
        run = runs.get(connection, run_id)
    assert (run.name, run.note, run.version) == ("first", "kept", 3)


def test_what_a_change_does_not_name_stays(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.change(connection, run_id, note="")
        runs.change(connection, run_id)
    with database.read() as connection:
        run = runs.get(connection, run_id)
    assert (run.name, run.note, run.experiment) == ("train", "", "Default")


def test_progress_of_a_run_does_not_make_an_edit_stale(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.set_progress(connection, run_id, current_cell=3)
        runs.change(connection, run_id, note="x", expected_version=1)


def test_a_run_goes_to_the_trash_and_comes_back(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.trash(connection, run_id, 7_000)
        runs.trash(connection, run_id, 8_000)
    with database.read() as connection:
        assert runs.get(connection, run_id).deleted_at == 7_000
    with database.write() as connection:
        runs.restore(connection, run_id)
    with database.read() as connection:
        assert runs.get(connection, run_id).deleted_at is None


def test_a_wish_to_cancel_is_kept(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        runs.request_cancel(connection, run_id)
    with database.read() as connection:
        assert runs.get(connection, run_id).cancel_requested is True
        state = runs.find(connection, run_id)
    assert state is not None
    assert state.cancel_requested is True


def test_a_state_told_too_late_does_not_bring_a_cell_back(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()

    def told(state: CellState) -> Cell:
        return Cell(
            index=2,
            cell_id="c",
            state=state,
            started_at=10,
            duration_ms=None,
            error_name=None,
            error_value=None,
        )

    with database.write() as connection:
        ended = told(CellState.INTERRUPTED)
        assert cells.upsert(connection, run_id, ended)
        for state in CellState:
            assert not cells.upsert(connection, run_id, told(state))
        assert cells.for_run(connection, run_id) == [ended]
        assert runs.get(connection, run_id).progress.cells_done == 1


def test_cells_that_are_done_are_counted_once(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    states = [
        (1, CellState.RUNNING),
        (1, CellState.COMPLETED),
        (1, CellState.COMPLETED),
        (3, CellState.RUNNING),
        (4, CellState.FAILED),
        (5, CellState.INTERRUPTED),
        (6, CellState.PENDING),
    ]
    with database.write() as connection:
        for index, state in states:
            cells.upsert(
                connection,
                run_id,
                Cell(
                    index=index,
                    cell_id=f"c{index}",
                    state=state,
                    started_at=10,
                    duration_ms=5,
                    error_name="E" if state is CellState.FAILED else None,
                    error_value="bad\x00byte" if state is CellState.FAILED else None,
                ),
            )
    with database.read() as connection:
        assert runs.get(connection, run_id).progress.cells_done == 3
        found = cells.for_run(connection, run_id)
    assert [(cell.index, cell.state) for cell in found] == [
        (1, CellState.COMPLETED),
        (3, CellState.RUNNING),
        (4, CellState.FAILED),
        (5, CellState.INTERRUPTED),
        (6, CellState.PENDING),
    ]
    assert found[2].error_value == "bad\ufffdbyte"


def test_a_number_beyond_64_bits_is_refused_and_nothing_is_written(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    with pytest.raises(InvalidRequest), database.write() as connection:  # noqa: PT012
        runs.change(connection, run_id, name="half")
        runs.start(connection, run_id, 1 << 70)
    with database.read() as connection:
        assert runs.get(connection, run_id).name == "train"
