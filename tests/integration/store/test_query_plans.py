"""Lists stay fast however many runs there are: no query of theirs sorts or scans what it need not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from jupyter_mlops.domain.kernel_tokens import ENDS, KernelEnd
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import kernel_tokens, parameters, run_queue, runs
from jupyter_mlops.store.database import Connection, Database
from tests.integration.store.conftest import insert_run


@pytest.fixture
def full_store(home: Path) -> Any:
    database = Database.open(home / "store.db")
    with database.write() as connection:
        for number in range(300):
            insert_run(connection, experiment=f"e{number % 3}", notebook=f"n{number % 5}.ipynb")
    yield database
    database.close()


def plans(connection: Connection, query: Any) -> list[str]:
    """Run a query and return how SQLite goes about each statement of it."""
    statements: list[tuple[str, Any]] = []
    event.listen(
        connection,
        "before_cursor_execute",
        lambda _c, _u, statement, values, *_: statements.append((statement, values)),
    )
    query()
    made = list(statements)
    return [
        str(row[3])
        for statement, values in made
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]


@pytest.mark.parametrize(
    "query",
    [
        RunQuery(),
        RunQuery(limit=200, cursor="cjEwMA"),
        RunQuery(experiment_id=2),
        RunQuery(statuses=(RunStatus.FAILED,)),
    ],
)
def test_a_page_is_read_from_the_end_of_an_index(full_store: Database, query: RunQuery) -> None:
    with full_store.read() as connection:
        steps = plans(connection, lambda: runs.page(connection, query))
    assert steps
    assert [step for step in steps if "TEMP B-TREE" in step] == []
    assert [step for step in steps if step.startswith("SCAN runs") and "INDEX" not in step] == []


def test_the_parts_of_a_run_are_found_by_the_index_of_tags(full_store: Database) -> None:
    with full_store.read() as connection:
        steps = plans(connection, lambda: runs.page(connection, RunQuery(parent="0" * 32)))
    found = [step for step in steps if "ix_tags_experiment_key_value" in step]
    # The page, and the number of all.
    assert len(found) == 2, steps
    assert all(step.count("=?") == 3 for step in found), steps


def test_what_the_dispatcher_asks_all_the_time_reads_active_runs_only(
    full_store: Database,
) -> None:
    with full_store.read() as connection:
        for question in (run_queue.queued, runs.active):
            steps = plans(connection, lambda ask=question: ask(connection))
            assert steps[0].startswith("SEARCH runs USING")
            assert "ix_runs_status_seq" in steps[0]


def test_the_values_used_last_are_found_by_notebook_and_user(full_store: Database) -> None:
    with full_store.read() as connection:
        steps = plans(connection, lambda: parameters.last_used(connection, "olive", "n1.ipynb"))
    assert any("ix_runs_notebook_user" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN")] == []


def test_what_ends_with_kernels_is_found_without_looking_at_all_tokens_or_runs(
    full_store: Database,
) -> None:
    questions: tuple[Callable[[Connection], object], ...] = (
        kernel_tokens.servers,
        lambda connection: kernel_tokens.abandoned(connection, ["gone"], ["here"], 1),
        kernel_tokens.ended_runs,
        lambda connection: kernel_tokens.find(connection, "digest"),
        lambda connection: kernel_tokens.of_kernel(connection, "kernel"),
        lambda connection: kernel_tokens.of_run(connection, "run"),
        lambda connection: kernel_tokens.revoke(connection, [1], 1),
        lambda connection: kernel_tokens.forget_unused(connection, 1),
        lambda connection: kernel_tokens.close_runs(connection, [1], ENDS[KernelEnd.LOST], 1),
        lambda connection: kernel_tokens.close_models(connection, [1], 1),
    )
    with full_store.write() as connection:
        for ask in questions:
            steps = plans(connection, lambda ask=ask: ask(connection))
            assert steps
            assert [step for step in steps if step.startswith("SCAN")] == []
