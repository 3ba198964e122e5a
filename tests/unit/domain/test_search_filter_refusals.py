"""What no filter may say, and that the refusal begins as MLflow's does and repeats nothing."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.like_patterns import PATTERN_MAX_CHARS
from jupyter_mlops.domain.search_filter import (
    FILTER_MAX_CHARS,
    FILTER_MAX_COMPARISONS,
    parse_filter,
)
from jupyter_mlops.domain.search_nouns import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Noun,
)
from jupyter_mlops.domain.search_values import LIST_MAX_VALUES


def refusal(text: str, noun: Noun = RUNS, *, extended: bool = False) -> str:
    with pytest.raises(InvalidRequest) as caught:
        parse_filter(text, noun, extended=extended)
    assert caught.value.field == "filter"
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        (" \n", "Invalid filter"),
        ("metric.acc >= 0.94; metrics.rmse < 1", "Search filter contained multiple expression"),
        ("metrics.a > 1;", "Invalid clause(s) in filter string"),
        ("m.acc >= 0.94", "Invalid entity type"),
        ("Metrics.a > 1", "Invalid entity type"),
        ("`metric.a` >= 0.1", "Invalid entity type"),
        ('"metrics".a > 1', "Invalid entity type"),
        ("acc >= 0.94", "Invalid attribute key"),
        ("attributes.timestamp > 1", "Invalid attribute key"),
        ("dataset.source = 'x'", "Invalid dataset key"),
        ("params.'' = 'x'", "Invalid identifier"),
        ("params.`a`.b = 'x'", "Invalid identifier"),
        ("metrics.a > 1 OR params.b = 'x'", "Invalid clause(s) in filter string"),
        ("metrics.a > 1 NAND params.b = 'x'", "Invalid clause(s) in filter string"),
        ("metrics.a > 1 AND (params.b = 'x')", "Invalid clause(s) in filter string"),
        ("NOT metrics.a > 1", "Invalid clause(s) in filter string"),
        ("metrics.a BETWEEN 1 AND 2", "Invalid clause(s) in filter string"),
        ("`metrics.a > 0.1", "Invalid clause(s) in filter string"),
        ("param`.a > 0.1", "Invalid clause(s) in filter string"),
        ("metrics.a", "Invalid clause(s) in filter string"),
        ("metrics.a-b > 1", "Invalid clause(s) in filter string"),
        ("metrics .a > 1", "Invalid clause(s) in filter string"),
        ("params.a b = 'x'", "Invalid clause(s) in filter string"),
        ("metrics.a > 1 > 2", "Invalid clause(s) in filter string"),
        ("params.a = 'x' 'y'", "Invalid clause(s) in filter string"),
        ("params.a = 'x', params.b = 'y'", "Invalid clause(s) in filter string"),
        ("metrics.a > 1 -- all", "Invalid clause(s) in filter string"),
        ("metrics.a /* all */ > 1", "Invalid clause(s) in filter string"),
        ("params.a = 'x\\' AND params.b = 'y'", "Invalid clause(s) in filter string"),
        ("run_id IN 'a'", "Invalid clause(s) in filter string"),
        ("run_id IN ('a'", "Invalid clause(s) in filter string"),
        ("run_id IN (('a'))", "Invalid clause(s) in filter string"),
        ("5 < metrics.a", "Invalid comparison clause"),
        ("metrics.a > 'x'", "Expected numeric value type for metric"),
        ("metrics.a != metrics.b", "Expected numeric value type for metric"),
        ("metrics.a > nan", "Expected numeric value type for metric"),
        ("metrics.a > 1e+5", "Expected numeric value type for metric"),
        ("metrics.a > .5e3", "Expected numeric value type for metric"),
        ("metrics.a > 0x1f", "Expected numeric value type for metric"),
        ("metrics.a > 5abc", "Expected numeric value type for metric"),
        ("metrics.a > - 5", "Expected numeric value type for metric"),
        ("metrics.a > 1_0", "Expected numeric value type for metric"),
        ("metrics.a > ٣", "Expected numeric value type for metric"),
        ("metrics.a IN (1)", "Expected numeric value type for metric"),
        ("metrics.a > " + "1" * 401, "Expected numeric value type for metric"),
        ("metrics.a >", "Expected numeric value type for metric"),
        ("start_time > '5'", "Expected numeric value type for numeric attribute"),
        ("start_time IN ('5')", "Expected numeric value type for numeric attribute"),
        ("params.a = 5", "Expected a quoted string value"),
        ("params.a IN ('x')", "Expected a quoted string value"),
        ("run_id = ('x')", "Expected a quoted string value"),
        ("run_id LIKE ('x')", "Expected a quoted string value"),
        ("dataset.name = 5", "Expected a quoted string value"),
        ("params.a = LR", "Parameter value is either not quoted"),
        ("params.a = `LR`", "Parameter value is either not quoted"),
        ("params.a = NULL", "Parameter value is either not quoted"),
        ("params.a == 'x'", "Invalid comparator"),
        ("params.a <> 'x'", "Invalid comparator"),
        ("params.a > 'x'", "Invalid comparator"),
        ("params.a NOT LIKE 'x'", "Invalid comparator"),
        ("params.a RLIKE 'x'", "Invalid comparator"),
        ("dataset.name >= 'x'", "Invalid comparator"),
        ("metrics.a LIKE 1", "Invalid comparator"),
        ("run_name IN ('x')", "Only ['run_id'] attributes support"),
        ("run_id IN ()", "While parsing a list in the query, expected a non-empty list"),
        ("run_id IN ('a' 'b')", "While parsing a list in the query"),
        ("run_id IN ('it''s')", "While parsing a list in the query"),
        ("run_id IN ('\\x41')", "While parsing a list in the query"),
        ("run_id IN (1)", "While parsing a list in the query, expected string value"),
        ("run_id IN (a)", "While parsing a list in the query, expected string value"),
        ("run_id IN (,)", "While parsing a list in the query"),
        ("metrics.a IS NULL", "IS NULL / IS NOT NULL is only supported for"),
        ("run_id IS NOT NULL", "IS NULL / IS NOT NULL is only supported for"),
        ("params.a = 'x\0'", "Invalid filter"),
        ("params.a = '\ud800'", "Invalid filter"),
    ],
)
def test_a_search_for_runs_refuses(text: str, beginning: str) -> None:
    assert refusal(text).startswith(beginning)


@pytest.mark.parametrize(
    ("noun", "text", "beginning"),
    [
        (EXPERIMENTS, "params.a = 'x'", "Invalid entity type"),
        (EXPERIMENTS, "`tag`.a = 'x'", "Invalid entity type"),
        (EXPERIMENTS, "lifecycle_stage = 'x'", "Invalid attribute key"),
        (EXPERIMENTS, "name IN ('x')", "Only ['experiment_id'] attributes support"),
        (EXPERIMENTS, "name IS NULL", "IS NULL / IS NOT NULL is only supported for tag"),
        (EXPERIMENTS, "experiment_id = 1", "Expected a quoted string value"),
        (EXPERIMENTS, "experiment_id = 'x'", "Invalid experiment ID"),
        (EXPERIMENTS, "experiment_id IN ('x')", "Invalid experiment ID"),
        (EXPERIMENTS, f"experiment_id = '{2**63}'", "Invalid experiment ID"),
        (EXPERIMENTS, "experiment_id > '1'", "Invalid comparator"),
        (EXPERIMENTS, "creation_time > 5.0", "Invalid value for numeric attribute"),
        (EXPERIMENTS, f"creation_time > {2**63}", "Invalid value for numeric attribute"),
        (EXPERIMENTS, "creation_time > '5'", "Expected numeric value type"),
        (REGISTERED_MODELS, "attributes.name = 'x'", "Invalid entity type"),
        (REGISTERED_MODELS, "`name` = 'x'", "Invalid attribute key"),
        (REGISTERED_MODELS, "creation_timestamp > 5", "Invalid attribute key"),
        (REGISTERED_MODELS, "tags.a IS NULL", "IS NULL / IS NOT NULL is not supported for regi"),
        (REGISTERED_MODELS, "tags.a > 'x'", "Invalid comparator"),
        (MODEL_VERSIONS, "version = 5", "Invalid attribute key"),
        (MODEL_VERSIONS, "current_stage = 'Production'", "Invalid attribute key"),
        (MODEL_VERSIONS, "version_number = 5.0", "Invalid value for numeric attribute"),
        (MODEL_VERSIONS, "version_number = 'x'", "Invalid value for numeric attribute"),
        (MODEL_VERSIONS, "version_number LIKE '5'", "Invalid comparator"),
        (MODEL_VERSIONS, "source_path IN ('x')", "Only ['name', 'run_id'] attributes support"),
        (MODEL_VERSIONS, "name = 5", "Expected a quoted string value"),
        (LOGGED_MODELS, "metric.a > 1", "Invalid entity type"),
        (LOGGED_MODELS, "param.a = 'x'", "Invalid entity type"),
        (LOGGED_MODELS, "tags.a IS NULL", "IS NULL / IS NOT NULL is not supported for logged"),
        (LOGGED_MODELS, "status = 'x'", "Unknown model status in filter"),
        (LOGGED_MODELS, "status IN ('READY', 'x')", "Unknown model status in filter"),
        (LOGGED_MODELS, "params.lr > 0.01", "Invalid comparator"),
        (LOGGED_MODELS, "name IN (1)", "While parsing a list in the query"),
        (LOGGED_MODELS, "foo = 'x'", "Invalid attribute key"),
    ],
)
def test_each_search_refuses_what_others_may_know(noun: Noun, text: str, beginning: str) -> None:
    assert refusal(text, noun).startswith(beginning)


@pytest.mark.parametrize("noun", [RUNS, EXPERIMENTS, REGISTERED_MODELS, MODEL_VERSIONS])
@pytest.mark.parametrize(
    "text",
    [
        "canary.a > 1",
        "canary = 'x'",
        "tags.`canary`.a = 'x'",
        "tags.canary > 'canary'",
        "tags.a = canary",
        "tags.a canary 'x'",
        "name = ('canary')",
        "name > 'canary'",
        "run_id IN (canary)",
        "tags.a = 'x'; canary",
        "'canary",
    ],
)
def test_a_refusal_does_not_repeat_what_was_sent(noun: Noun, text: str) -> None:
    assert "canary" not in refusal(text, noun)


def test_a_filter_has_bounds() -> None:
    parse_filter("metrics.a > 1 " * FILTER_MAX_COMPARISONS, RUNS)
    assert "comparisons" in refusal("metrics.a > 1 " * (FILTER_MAX_COMPARISONS + 1))
    refusal("params.a = '" + "x" * FILTER_MAX_CHARS + "'")
    parse_filter(f"params.a LIKE '{'x' * PATTERN_MAX_CHARS}'", RUNS)
    assert "pattern" in refusal(f"params.a LIKE '{'x' * (PATTERN_MAX_CHARS + 1)}'")
    listed = "'x',"
    parse_filter(f"run_id IN ({listed * LIST_MAX_VALUES})", RUNS)
    assert "list" in refusal(f"run_id IN ({listed * (LIST_MAX_VALUES + 1)})")
