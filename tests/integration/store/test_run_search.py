"""Runs are found and ordered as MLflow's clients expect, page after page, on both engines."""

from __future__ import annotations

import base64
import itertools
import json
import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.run_search import RunSearch, RunSearchPage, Stage
from jupyter_mlops.domain.runs import Parameter, RunStatus
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import RUNS
from jupyter_mlops.domain.search_order import parse_order
from jupyter_mlops.store import experiments, few_runs, metrics, parameters, run_search, runs, tags
from jupyter_mlops.store.database import Connection, Database
from tests.integration.store.conftest import insert_run

NUMBERS = [0.5, -3.0, 0.25, 7e300, math.nan, math.inf]
TEXTS = ["0.1", "0.01", "Abc", "abc", "ä%_", "a" * 150 + "x", "a" * 150 + "y"]
EXPERIMENTS = ("one", "two", "three")


@dataclass
class Known:
    """A run as the test remembers it."""

    name: str
    run_id: str
    experiment: int
    start: int
    deleted: bool
    metrics: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def known(database: Database) -> list[Known]:
    chance = random.Random(3)  # noqa: S311 - the same runs each time
    with database.write() as connection:
        return [_make(connection, number, chance) for number in range(120)]


def _make(connection: Connection, number: int, chance: random.Random) -> Known:
    name = chance.choice(EXPERIMENTS)
    experiment, _ = experiments.ensure(connection, name, 1)
    # Starts come twice each, so that ids must break ties.
    start = 1_000 + (number * 37) % 60
    run_id = insert_run(
        connection, experiment=name, name=f"run{number}", source_type="client", created_at=1
    )
    runs.start(connection, run_id, start)
    run = Known(f"run{number}", run_id, experiment, start, deleted=chance.random() < 0.2)
    run.metrics = {key: chance.choice(NUMBERS) for key in ("acc", "x y") if chance.random() < 0.8}
    run.parameters = {key: chance.choice(TEXTS) for key in ("lr", "d") if chance.random() < 0.8}
    run.tags = {"kind": chance.choice("abc")} if chance.random() < 0.7 else {}
    metrics.append(
        connection,
        run_id,
        [Point(key=key, value=value, step=0, timestamp=5) for key, value in run.metrics.items()],
    )
    parameters.insert(
        connection,
        run_id,
        [
            Parameter(key=key, value=text, type="str", secret=False, origin="logged")
            for key, text in run.parameters.items()
        ],
    )
    tags.set_all(connection, run_id, run.tags)
    if number % 2:
        runs.report(connection, run_id, status=RunStatus.FINISHED, reason=None, ended_at=start + 9)
    if run.deleted:
        runs.trash(connection, run_id, 9_000)
    return run


def search(
    database: Database,
    known: list[Known],
    *,
    text: str = "",
    order: tuple[str, ...] = (),
    stage: Stage = "active",
    which: tuple[int, ...] | None = None,
    limit: int = 1_000,
) -> list[str]:
    """Return the names of all runs that match, read by pages of ``limit``."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = one_page(
            database,
            which or tuple(sorted({run.experiment for run in known})),
            text=text,
            order=order,
            stage=stage,
            limit=limit,
            after=after,
        )
        assert len(page.runs) <= limit
        found += [run.name for run in page.runs]
        if page.next is None:
            return found
        assert len(page.runs) == limit
        after = page.next


def one_page(database: Database, which: tuple[int, ...], **asked: Any) -> RunSearchPage:
    with database.read() as connection:
        return run_search.page(
            connection,
            RunSearch(
                experiment_ids=which,
                condition=parse_filter(asked.pop("text", ""), RUNS, extended=True),
                order=parse_order(asked.pop("order", ()), RUNS),
                stage=asked.pop("stage", "active"),
                limit=asked.pop("limit", 100),
                after=asked.pop("after", None),
            ),
        )


FILTERS: list[tuple[str, Callable[[Known], bool]]] = [
    ("metrics.acc > 0.3", lambda run: run.metrics.get("acc", -9) > 0.3),
    ("metrics.acc != 0.5", lambda run: "acc" in run.metrics and run.metrics["acc"] != 0.5),
    ("metrics.`x y` <= 0.25", lambda run: run.metrics.get("x y", 9) <= 0.25),
    ("params.lr = 'abc'", lambda run: run.parameters.get("lr") == "abc"),
    ("params.lr != 'abc'", lambda run: run.parameters.get("lr", "abc") != "abc"),
    ("params.lr LIKE 'A%'", lambda run: run.parameters.get("lr", "").startswith("A")),
    ("params.lr ILIKE 'A_c'", lambda run: run.parameters.get("lr", "").lower() == "abc"),
    ("params.lr LIKE '%\\%%'", lambda run: False),
    (f"params.lr = '{'a' * 150}x'", lambda run: run.parameters.get("lr") == "a" * 150 + "x"),
    (f"params.lr = '{'a' * 100}'", lambda run: False),
    ("params.lr = 'ä%_'", lambda run: run.parameters.get("lr") == "ä%_"),
    (
        "params.lr = 'abc' and metrics.acc >= 0.25",
        lambda run: run.parameters.get("lr") == "abc" and run.metrics.get("acc", -9) >= 0.25,
    ),
    (
        "metrics.acc > -9 and metrics.acc < 1 and tags.kind = 'b'",
        lambda run: -9 < run.metrics.get("acc", -9) < 1 and run.tags.get("kind") == "b",
    ),
    ("metrics.acc = 0.5", lambda run: run.metrics.get("acc") == 0.5),
    ("tags.mlflow.runName = 'run3'", lambda run: run.name == "run3"),
    ("params.d IS NULL", lambda run: "d" not in run.parameters),
    ("tags.kind = 'a'", lambda run: run.tags.get("kind") == "a"),
    ("tags.kind IS NOT NULL", lambda run: "kind" in run.tags),
    ("tags.mlflow.runName LIKE 'run1%'", lambda run: run.name.startswith("run1")),
    ("attributes.status = 'FINISHED'", lambda run: int(run.name[3:]) % 2 == 1),
    (
        "start_time > 1030 and end_time < 1050",
        lambda run: int(run.name[3:]) % 2 == 1 and 1_030 < run.start < 1_050 - 9,
    ),
    ("run_name = 'run3'", lambda run: run.name == "run3"),
    (
        "metrics.acc = 0.5 OR (params.lr = 'abc' AND NOT tags.kind = 'a')",
        lambda run: (
            run.metrics.get("acc") == 0.5
            or (run.parameters.get("lr") == "abc" and run.tags.get("kind") != "a")
        ),
    ),
    (
        "metrics.acc BETWEEN 0 AND 1",
        lambda run: 0 <= run.metrics.get("acc", -9) <= 1,
    ),
]


def _number(key: str) -> Callable[[Known], tuple[int, Any]]:
    def value(run: Known) -> tuple[int, Any]:
        number = run.metrics.get(key)
        if number is None:
            return 2, 0
        return (1, 0) if math.isnan(number) else (0, number)

    return value


def _text(of: Callable[[Known], str | None]) -> Callable[[Known], tuple[int, Any]]:
    def value(run: Known) -> tuple[int, Any]:
        found = of(run)
        return (2, "") if found is None else (0, found)

    return value


ORDERS: dict[str, Callable[[Known], tuple[int, Any]]] = {
    "metrics.acc": _number("acc"),
    "metrics.`x y`": _number("x y"),
    "params.lr": _text(lambda run: run.parameters.get("lr")),
    "tags.kind": _text(lambda run: run.tags.get("kind")),
    "attributes.run_name": _text(lambda run: run.name),
    "tags.`mlflow.runName`": _text(lambda run: run.name),
    "end_time": lambda run: (0, run.start + 9) if int(run.name[3:]) % 2 else (2, 0),
    "start_time": lambda run: (0, run.start),
}


def in_order(found: list[Known], order: tuple[str, ...]) -> list[str]:
    """Sort as MLflow does: missing values last whichever way, then by start and id."""
    found = sorted(found, key=lambda run: run.run_id)
    if not any(re.match(r"start_time", clause) for clause in order):
        found.sort(key=lambda run: -run.start)
    for clause in reversed(order):
        name, _, direction = clause.rpartition(" ")
        value = ORDERS[name]
        found.sort(key=lambda run: value(run)[1], reverse=direction == "DESC")
        found.sort(key=lambda run: value(run)[0])
    return [run.name for run in found]


def orders() -> Iterator[tuple[str, ...]]:
    for name in ORDERS:
        yield (f"{name} ASC",)
        yield (f"{name} DESC",)
    yield ("tags.kind DESC", "metrics.acc ASC")
    yield ("params.lr ASC", "metrics.`x y` DESC", "attributes.run_name ASC")


@pytest.mark.parametrize("limit", [23, 1_000])
def test_pages_come_in_the_order_asked_for_without_a_gap(
    database: Database, known: list[Known], limit: int
) -> None:
    living = [run for run in known if not run.deleted]
    for order in orders():
        assert search(database, known, order=order, limit=limit) == in_order(living, order), order


@pytest.fixture(params=["few", "many"])
def taken_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what matches a condition taken for few runs, or for many, which are found another way."""
    monkeypatch.setattr(few_runs, "_MOST", 1_000 if request.param == "few" else 0)


@pytest.mark.usefixtures("taken_for")
def test_a_filter_finds_what_matches_and_nothing_else(
    database: Database, known: list[Known]
) -> None:
    stages: dict[Stage, set[bool]] = {"active": {False}, "deleted": {True}, "all": {False, True}}
    for text, matches in FILTERS:
        for order in ((), ("metrics.acc DESC",), ("params.lr ASC",)):
            for stage, deleted in stages.items():
                wanted = [run for run in known if run.deleted in deleted and matches(run)]
                found = search(database, known, text=text, order=order, stage=stage, limit=40)
                assert found == in_order(wanted, order), (text, order, stage)


@pytest.mark.parametrize("passed", [0, 25])
def test_pages_go_on_when_what_were_few_runs_are_many(
    database: Database, known: list[Known], monkeypatch: pytest.MonkeyPatch, passed: int
) -> None:
    monkeypatch.setattr(few_runs, "_PASSED", passed)
    which = tuple(sorted({run.experiment for run in known}))
    for text, matches in FILTERS:
        for order in ((), ("metrics.acc DESC",), ("params.lr ASC", "metrics.`x y` DESC")):
            wanted = in_order([run for run in known if matches(run) and not run.deleted], order)
            found: list[str] = []
            after: str | None = None
            for most in itertools.cycle((1_000, 0)):
                monkeypatch.setattr(few_runs, "_MOST", most)
                page = one_page(database, which, text=text, order=order, limit=4, after=after)
                found += [run.name for run in page.runs]
                after = page.next
                if after is None:
                    break
            assert found == wanted, (text, order)


def test_each_experiment_is_searched_by_itself(database: Database, known: list[Known]) -> None:
    for experiment in {run.experiment for run in known}:
        wanted = [run for run in known if run.experiment == experiment and not run.deleted]
        found = search(database, known, which=(experiment,), order=("metrics.acc DESC",), limit=5)
        assert found == in_order(wanted, ("metrics.acc DESC",))


def test_many_experiments_are_searched_as_one(database: Database, known: list[Known]) -> None:
    absent = tuple(range(1_000, 1_030))
    which = tuple(sorted({run.experiment for run in known})) + absent
    living = [run for run in known if not run.deleted]
    found = search(database, known, which=which, order=("params.lr DESC",), limit=11)
    assert found == in_order(living, ("params.lr DESC",))


def test_a_run_that_moved_is_found_where_it_is_now(database: Database, known: list[Known]) -> None:
    moved = next(run for run in known if "acc" in run.metrics and not run.deleted)
    other = next(run.experiment for run in known if run.experiment != moved.experiment)
    with database.write() as connection:
        runs.change(connection, moved.run_id, experiment_id=other)
    order = ("metrics.acc DESC",)
    assert moved.name in search(database, known, which=(other,), order=order)
    assert moved.name not in search(database, known, which=(moved.experiment,), order=order)


@pytest.mark.parametrize(
    "token", ["x", "WzksIFtdXQ==", "WzAsIFtbMCwgIkEiXV1d", "bnVsbA==", "\x00", "ä" * 50, "W10="]
)
def test_a_token_that_was_never_handed_out_is_refused(
    database: Database, known: list[Known], token: str
) -> None:
    with pytest.raises(InvalidRequest):
        one_page(database, (known[0].experiment,), order=("metrics.acc DESC",), after=token)


@pytest.mark.parametrize(
    ("clause", "value"),
    [
        ("start_time", 2**63),
        ("start_time", -(2**70)),
        ("start_time", "text"),
        ("start_time", True),
        ("metrics.acc", [1]),
        ("params.lr", "a\0"),
        ("params.lr", "\ud800"),
        ("params.lr", 1),
    ],
)
def test_a_token_of_values_that_no_column_holds_is_refused(
    database: Database, known: list[Known], clause: str, value: object
) -> None:
    which = (known[0].experiment,)
    first = one_page(database, which, order=(clause,), limit=1)
    assert first.next is not None
    phase, pairs = json.loads(base64.urlsafe_b64decode(first.next))
    forged = [phase, [[pairs[0][0], value], *pairs[1:]]]
    token = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode()
    with pytest.raises(InvalidRequest):
        one_page(database, which, order=(clause,), after=token)


def test_no_experiment_holds_no_runs(database: Database, known: list[Known]) -> None:
    assert known
    assert one_page(database, ()) == RunSearchPage(runs=[], next=None)


def test_a_page_tells_what_was_logged(database: Database, known: list[Known]) -> None:
    page = one_page(database, tuple({run.experiment for run in known}), stage="all", limit=200)
    assert len(page.runs) == len(known)
    by_name = {run.name: run for run in page.runs}
    for run in known:
        found = by_name[run.name]
        assert (found.run_id, found.experiment_id, found.started_at) == (
            run.run_id,
            run.experiment,
            run.start,
        )
        assert dict(found.parameters) == run.parameters
        assert dict(found.tags) == run.tags
        assert {point.key: str(point.value) for point in found.metrics} == {
            key: str(value) for key, value in run.metrics.items()
        }


def test_many_orders_over_many_experiments_are_one_statement_of_bearable_size(
    database: Database, known: list[Known]
) -> None:
    which = tuple(sorted({run.experiment for run in known})) + tuple(range(1_000, 1_016))
    order = tuple(f"metrics.m{number} DESC" for number in range(20))
    living = sorted(run.name for run in known if not run.deleted)
    assert sorted(search(database, known, which=which, order=order, limit=40)) == living


def test_a_filter_of_thousands_of_values_is_refused_or_answered(
    database: Database, known: list[Known]
) -> None:
    which = tuple(sorted({run.experiment for run in known})) + tuple(range(1_000, 1_016))
    wanted = known[0]
    ids = ", ".join(f"'{number:032x}'" for number in range(4_000)) + f", '{wanted.run_id}'"
    text = f"attributes.run_id IN ({ids})"
    assert search(database, known, which=which, text=text, stage="all") == [wanted.name]
    values = ", ".join(f"'{number}'" for number in range(4_000))
    short = f"attributes.run_id IN ({values})"
    with pytest.raises(InvalidRequest, match="too many values"):
        search(database, known, which=which, text=" AND ".join([short] * 3))
