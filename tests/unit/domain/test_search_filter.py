"""Filters in MLflow's grammar: mlflow 3.18 reads the same out of all but a few named rows."""

from __future__ import annotations

import math

import pytest

from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Noun,
)
from jupyter_mlops.domain.search_terms import AllOf, Comparison

Row = tuple[object, ...]


def rows(text: str, noun: Noun, *, extended: bool = False) -> list[Row]:
    """Return the comparisons of a filter that only joins them by AND."""
    found = []
    for condition in parse_filter(text, noun, extended=extended).conditions:
        assert isinstance(condition, Comparison)
        found.append((condition.entity, condition.key, condition.operator, condition.value))
    return found


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("metric.a > 1", "metric"),
        ("metrics.a > 1", "metric"),
        ("`metrics`.a > 1", "metric"),
        ("param.a = 'x'", "parameter"),
        ("params.a = 'x'", "parameter"),
        ("parameter.a = 'x'", "parameter"),
        ("parameters.a = 'x'", "parameter"),
        ("tag.a = 'x'", "tag"),
        ("tags.a = 'x'", "tag"),
        ("`tag`.a = 'x'", "tag"),
        ("status = 'x'", "attribute"),
        ("attr.status = 'x'", "attribute"),
        ("attribute.status = 'x'", "attribute"),
        ("attributes.status = 'x'", "attribute"),
        ("run.status = 'x'", "attribute"),
        ("dataset.name = 'x'", "dataset"),
        ("datasets.name = 'x'", "dataset"),
    ],
)
def test_every_spelling_of_an_entity_is_known(text: str, entity: str) -> None:
    assert rows(text, RUNS)[0][0] == entity


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("metrics.val_loss > 1", "val_loss"),
        ("metrics.a.b > 1", "a.b"),
        ("metrics.a. > 1", "a."),
        ("metrics.a..b > 1", "a..b"),
        ("metrics..a > 1", ".a"),
        ("metrics._x > 1", "_x"),
        ("metrics.1st.2nd > 1", "1st.2nd"),
        ("metrics.5_fold > 1", "5_fold"),
        ("metrics.数 > 1", "数"),
        ("metrics.select > 1", "select"),
        ("metrics.and > 1", "and"),
        ("metrics.`a b` > 1", "a b"),
        ("metrics.`val/loss-1` > 1", "val/loss-1"),
        ("metrics.`a.b` > 1", "a.b"),
        ("metrics.`it's` > 1", "it's"),
        ("metrics.`a``b` > 1", "a``b"),
        ('metrics."a b" > 1', "a b"),
        ("metrics.'a b' > 1", "a b"),
        ("metrics.'`a b`' > 1", "a b"),
    ],
)
def test_a_key_may_be_a_word_with_dots_or_stand_in_quotes(text: str, key: str) -> None:
    assert rows(text, RUNS) == [("metric", key, ">", 1.0)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("created > 1", "start_time"),
        ("attributes.Created > 1", "start_time"),
        ("`start_time` > 1", "start_time"),
        ('"end_time" > 1', "end_time"),
        ("attribute.'end_time' > 1", "end_time"),
    ],
)
def test_an_attribute_has_aliases_and_may_stand_in_quotes(text: str, key: str) -> None:
    assert rows(text, RUNS) == [("attribute", key, ">", 1)]


@pytest.mark.parametrize("alias", ["run name", "Run name", "Run Name"])
def test_the_name_of_a_run_has_aliases_with_a_blank(alias: str) -> None:
    assert rows(f"attributes.`{alias}` = 'x'", RUNS) == [("attribute", "run_name", "=", "x")]


def test_a_tag_is_not_taken_for_the_alias_of_an_attribute() -> None:
    assert rows("tags.created = 'x'", RUNS) == [("tag", "created", "=", "x")]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1.0),
        ("-2.5", -2.5),
        ("5.", 5.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e5", 1e5),
        ("1.5E-3", 1.5e-3),
        ("007", 7.0),
        ("1e400", math.inf),
        ("99999999999999999999", 1e20),
    ],
)
def test_the_value_of_a_metric_is_a_float(written: str, value: float) -> None:
    assert rows(f"metrics.a<={written}", RUNS) == [("metric", "a", "<=", value)]


@pytest.mark.parametrize(
    ("written", "value"),
    [("5", 5), ("-3", -3), ("1.5", 1.5), (f"{2**63 - 1}", 2**63 - 1), (f"{2**63}", float(2**63))],
)
def test_a_time_is_an_int_where_it_fits_in_a_column(written: str, value: float) -> None:
    ((_, _, _, found),) = rows(f"end_time >= {written}", RUNS)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'x'", "x"),
        ('"x"', "x"),
        ("''", ""),
        ("' x '", " x "),
        ('"it\'s"', "it's"),
        ("'it''s'", "it''s"),
        ("'C:\\'", "C:\\"),
        ("'a(b),c;d--e'", "a(b),c;d--e"),
        ("'数 AND x'", "数 AND x"),
    ],
)
def test_text_is_what_stands_between_its_quotes(written: str, value: str) -> None:
    assert rows(f"params.a = {written}", RUNS) == [("parameter", "a", "=", value)]


@pytest.mark.parametrize(
    ("text", "operator", "value"),
    [
        ("tags.a != 'x'", "!=", "x"),
        ("tags.a LIKE '%x_'", "LIKE", "%x_"),
        ("tags.a like'x'", "LIKE", "x"),
        ("tags.a ILike 'x'", "ILIKE", "x"),
        ("tags.a IS NULL", "IS NULL", None),
        ("tags.a is  not null", "IS NOT NULL", None),
    ],
)
def test_a_tag_knows_patterns_and_null(text: str, operator: str, value: object) -> None:
    assert rows(text, RUNS) == [("tag", "a", operator, value)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("IN ('a')", ("a",)),
        ("IN('a', \"b\")", ("a", "b")),
        ("in ('a' ,\n'b',)", ("a", "b")),
        ("IN ('a\\'b', 'c\\\\d', '\\n', '')", ("a'b", "c\\d", "\n", "")),
        ("IN ('a)', '(')", ("a)", "(")),
    ],
)
def test_a_list_is_read_as_python_writes_one(written: str, value: tuple[str, ...]) -> None:
    assert rows(f"run_id {written}", RUNS) == [("attribute", "run_id", "IN", value)]


def test_not_in_may_have_any_blanks_between() -> None:
    assert rows("dataset.context NOT \n in ('a')", RUNS) == [
        ("dataset", "context", "NOT IN", ("a",))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "metrics.a > 1 AND params.b = 'x'",
        "metrics.a>1 and\nparams.b='x'",
        "metrics.a > 1 params.b = 'x'",
        "AND metrics.a > 1 AND AND params.b = 'x' AND",
        "metrics.a > 1\u00a0AND params.b = 'x'AND",
    ],
)
def test_an_and_may_be_missing_or_one_too_many_as_in_mlflow(text: str) -> None:
    assert rows(text, RUNS) == [("metric", "a", ">", 1.0), ("parameter", "b", "=", "x")]


@pytest.mark.parametrize("noun", [RUNS, EXPERIMENTS, REGISTERED_MODELS, LOGGED_MODELS])
def test_an_empty_filter_and_a_lonely_and_set_no_condition(noun: Noun) -> None:
    assert parse_filter("", noun) == parse_filter("AND", noun) == AllOf(())


def test_the_prompt_filter_that_the_client_appends_is_read() -> None:
    text = " AND tag.`mlflow.prompt.is_prompt` != 'true'"
    assert rows(text, REGISTERED_MODELS) == [("tag", "mlflow.prompt.is_prompt", "!=", "true")]


@pytest.mark.parametrize(
    ("noun", "text", "row"),
    [
        (EXPERIMENTS, "`name` ILIKE 'x'", ("attribute", "name", "ILIKE", "x")),
        (EXPERIMENTS, "attributes.name = 'x'", ("attribute", "name", "=", "x")),
        (EXPERIMENTS, "experiment_id = ' 12 '", ("attribute", "experiment_id", "=", 12)),
        (
            EXPERIMENTS,
            "experiment_id NOT IN ('1', '2')",
            ("attribute", "experiment_id", "NOT IN", (1, 2)),
        ),
        (EXPERIMENTS, "creation_time > 5", ("attribute", "creation_time", ">", 5)),
        (EXPERIMENTS, "tags.a IS NULL", ("tag", "a", "IS NULL", None)),
        (REGISTERED_MODELS, "attribute.name IN ('x')", ("attribute", "name", "IN", ("x",))),
        (REGISTERED_MODELS, "tags.`a b` LIKE 'x'", ("tag", "a b", "LIKE", "x")),
        (MODEL_VERSIONS, "version_number >= 5", ("attribute", "version_number", ">=", 5)),
        (MODEL_VERSIONS, "version_number >= '5'", ("attribute", "version_number", ">=", 5)),
        (MODEL_VERSIONS, "run_id NOT IN ('A')", ("attribute", "run_id", "NOT IN", ("A",))),
        (MODEL_VERSIONS, "source_path LIKE 's3%'", ("attribute", "source_path", "LIKE", "s3%")),
        (LOGGED_MODELS, "metrics.a > 1", ("metric", "a", ">", 1.0)),
        (LOGGED_MODELS, "params.lr = 0.01", ("parameter", "lr", "=", "0.01")),
        (LOGGED_MODELS, "name = my.model", ("attribute", "name", "=", "my.model")),
        (LOGGED_MODELS, 'params."a b" = "x"', ("parameter", "a b", "=", "x")),
        (LOGGED_MODELS, "tags.a IN ('x')", ("tag", "a", "IN", ("x",))),
        (LOGGED_MODELS, "creation_time > 5", ("attribute", "creation_timestamp", ">", 5)),
        (LOGGED_MODELS, "status IN ('READY')", ("attribute", "status", "IN", ("READY",))),
    ],
)
def test_each_search_knows_its_own_names_and_values(noun: Noun, text: str, row: Row) -> None:
    assert rows(text, noun) == [row]
