"""Orders as MLflow reads them, with the keys that break ties."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.search_nouns import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Noun,
)
from jupyter_mlops.domain.search_order import (
    CLAUSE_MAX_CHARS,
    ORDER_MAX_CLAUSES,
    OrderClause,
    logged_model_order,
    parse_order,
)
from jupyter_mlops.domain.search_terms import Order


def first(clause: str, noun: Noun = RUNS) -> tuple[str, str, bool]:
    order = parse_order([clause], noun)[0]
    return order.entity, order.key, order.descending


@pytest.mark.parametrize(
    ("clause", "order"),
    [
        ("metrics.a", ("metric", "a", False)),
        ("metric.a ASC", ("metric", "a", False)),
        ("metrics.a desc", ("metric", "a", True)),
        ("metrics.a\nDESC", ("metric", "a", True)),
        (" metrics.a  DESC ", ("metric", "a", True)),
        ("metrics.timestamp", ("metric", "timestamp", False)),
        ("metrics.1st", ("metric", "1st", False)),
        ("metrics.a. DESC", ("metric", "a.", True)),
        ("metrics.`x y`", ("metric", "x y", False)),
        ("metrics.`x y` DESC", ("metric", "x y", True)),
        ("metrics.`it's` DESC", ("metric", "it's", True)),
        ('metrics."x y" DESC', ("metric", "x y", True)),
        ("metrics.'x y' DESC", ("metric", "x y", True)),
        ("`metrics`.a", ("metric", "a", False)),
        # Only with a direction do quotes around more than the key mean nothing.
        ('"metrics".a DESC', ("metric", "a", True)),
        ('"metrics.a" DESC', ("metric", "a", True)),
        ("metrics.`a`.b DESC", ("metric", "a.b", True)),
        ("params.a ASC", ("parameter", "a", False)),
        ("tag.created", ("tag", "created", False)),
        ("start_time", ("attribute", "start_time", False)),
        ("attribute.start_time ASC", ("attribute", "start_time", False)),
        ("attributes.Created", ("attribute", "start_time", False)),
        ("run.status", ("attribute", "status", False)),
        ("`run_name`", ("attribute", "run_name", False)),
    ],
)
def test_a_clause_is_a_name_and_maybe_a_direction(
    clause: str, order: tuple[str, str, bool]
) -> None:
    assert first(clause) == order


@pytest.mark.parametrize(
    ("noun", "clause", "order"),
    [
        (EXPERIMENTS, "attributes.name DESC", ("attribute", "name", True)),
        (EXPERIMENTS, "`last_update_time`", ("attribute", "last_update_time", False)),
        (REGISTERED_MODELS, "timestamp DESC", ("attribute", "last_updated_timestamp", True)),
        (
            REGISTERED_MODELS,
            "last_updated_timestamp",
            ("attribute", "last_updated_timestamp", False),
        ),
        (REGISTERED_MODELS, "`name` ASC", ("attribute", "name", False)),
        (MODEL_VERSIONS, "version_number ASC", ("attribute", "version_number", False)),
        (
            MODEL_VERSIONS,
            "attribute.creation_timestamp",
            ("attribute", "creation_timestamp", False),
        ),
    ],
)
def test_each_search_is_ordered_by_its_own_attributes(
    noun: Noun, clause: str, order: tuple[str, str, bool]
) -> None:
    assert first(clause, noun) == order


@pytest.mark.parametrize(
    ("clause", "beginning"),
    [
        ("", "Invalid order_by clause"),
        ("metrics.a != 1", "Invalid order_by clause"),
        ("params.my_param =", "Invalid order_by clause"),
        ("metrics.a, metrics.b", "Invalid order_by clause"),
        ("metrics.a;", "Invalid order_by clause"),
        ("metrics.a DESC NULLS LAST", "Invalid order_by clause"),
        ("metrics.val-loss DESC", "Invalid order_by clause"),
        ("metrics.`a DESC", "Invalid order_by clause"),
        ("'a' DESC", "Invalid order_by clause"),
        ("attribute.run_id decs", "Invalid ordering key"),
        ('run_id "DESC"', "Invalid ordering key"),
        ("run name", "Invalid ordering key"),
        ("m.acc", "Invalid entity type"),
        ("`metrics.A`", "Invalid entity type"),
        ('"metrics.a"', "Invalid entity type"),
        ("acc", "Invalid attribute key"),
        ("`run name`", "Invalid attribute key"),
        ("attribute.experiment_id", "Invalid attribute key"),
        ("timestamp DESC", "Invalid attribute key"),
        ("metrics.", "Invalid identifier"),
        ("dataset.name", "Invalid order_by entity"),
        ("metrics." + "a" * CLAUSE_MAX_CHARS, "Invalid order_by"),
        ("metrics.`\0`", "Invalid order_by"),
    ],
)
def test_an_order_of_runs_refuses(clause: str, beginning: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_order([clause], RUNS)
    assert caught.value.message.startswith(beginning)
    assert caught.value.field == "order_by"


@pytest.mark.parametrize(
    ("noun", "clause", "beginning"),
    [
        (EXPERIMENTS, "attr.name", "Invalid entity type"),
        (EXPERIMENTS, "`attribute`.name", "Invalid entity type"),
        (EXPERIMENTS, "tags.a", "Invalid order_by entity"),
        (REGISTERED_MODELS, "`name`", "Invalid order by key"),
        (REGISTERED_MODELS, "attribute.name", "Invalid order by key"),
        (REGISTERED_MODELS, "creation_timestamp", "Invalid order by key"),
        (REGISTERED_MODELS, "TIMESTAMP", "Invalid order by key"),
        (MODEL_VERSIONS, "run_id", "Invalid attribute key"),
        (MODEL_VERSIONS, "tags.a", "Invalid order_by entity"),
    ],
)
def test_each_search_refuses_orders_of_others(noun: Noun, clause: str, beginning: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_order([clause], noun)
    assert caught.value.message.startswith(beginning)


@pytest.mark.parametrize(
    ("noun", "clauses"),
    [
        (RUNS, ["metrics.a", "metric.a DESC"]),
        (RUNS, ["created", "start_time"]),
        (REGISTERED_MODELS, ["timestamp", "last_updated_timestamp"]),
        (MODEL_VERSIONS, ["version_number", "attribute.version_number"]),
        (RUNS, [f"metrics.m{number}" for number in range(ORDER_MAX_CLAUSES + 1)]),
    ],
)
def test_a_thing_comes_once_and_not_without_bound(noun: Noun, clauses: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        parse_order(clauses, noun)


def test_experiments_may_repeat_a_thing_and_the_first_counts() -> None:
    assert parse_order(["name", "name DESC"], EXPERIMENTS)[0] == Order("attribute", "name")
    assert len(parse_order(["name", "name DESC"], EXPERIMENTS)) == 2


def ascending(key: str) -> Order:
    return Order("attribute", key)


def descending(key: str) -> Order:
    return Order("attribute", key, descending=True)


@pytest.mark.parametrize(
    ("noun", "clauses", "order"),
    [
        (RUNS, [], [descending("start_time"), ascending("run_id")]),
        (RUNS, ["start_time"], [ascending("start_time"), ascending("run_id")]),
        (RUNS, ["run_id DESC"], [descending("run_id"), descending("start_time")]),
        (EXPERIMENTS, [], [descending("creation_time"), ascending("experiment_id")]),
        (EXPERIMENTS, ["name"], [ascending("name"), descending("experiment_id")]),
        (REGISTERED_MODELS, [], [ascending("name")]),
        (
            MODEL_VERSIONS,
            ["creation_timestamp"],
            [ascending("creation_timestamp"), ascending("name"), descending("version_number")],
        ),
    ],
)
def test_an_order_ends_with_what_breaks_ties(
    noun: Noun, clauses: list[str], order: list[Order]
) -> None:
    assert list(parse_order(clauses, noun)) == order


def test_logged_models_are_ordered_by_objects() -> None:
    order = logged_model_order(
        [
            OrderClause("metrics.my loss", ascending=False, dataset_name="d", dataset_digest="1"),
            OrderClause("metrics.my loss"),
            OrderClause("creation_time", ascending=True),
        ]
    )
    assert order == (
        Order("metric", "my loss", True, dataset_name="d", dataset_digest="1"),
        Order("metric", "my loss"),
        ascending("creation_timestamp"),
        ascending("model_id"),
    )
    assert logged_model_order([]) == LOGGED_MODELS.orders.ties


@pytest.mark.parametrize(
    "field_name", [None, "", "metrics.", "metric.a", "params.a", "attributes.name", "foo", " name"]
)
def test_a_logged_model_is_not_ordered_by_anything_else(field_name: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        logged_model_order([OrderClause(field_name)])
    assert caught.value.field == "order_by"
