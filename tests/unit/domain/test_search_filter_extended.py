"""The wider grammar: OR, NOT, parentheses and BETWEEN, for those who ask for it."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.search_filter import (
    FILTER_MAX_COMPARISONS,
    FILTER_MAX_DEPTH,
    parse_filter,
)
from jupyter_mlops.domain.search_nouns import EXPERIMENTS, RUNS
from jupyter_mlops.domain.search_terms import AllOf, AnyOf, Comparison, Condition, Not


def parsed(text: str) -> Condition:
    """Return the one condition that the filter sets, or all of them."""
    whole = parse_filter(text, RUNS, extended=True)
    return whole.conditions[0] if len(whole.conditions) == 1 else whole


def m(key: str) -> Comparison:
    return Comparison("metric", key, ">", 1.0)


A, B, C = m("a"), m("b"), m("c")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("{a} OR {b}", AnyOf((A, B))),
        ("{a} or {b} OR {c}", AnyOf((A, B, C))),
        ("{a} AND {b} OR {c}", AnyOf((AllOf((A, B)), C))),
        ("{a} OR {b} AND {c}", AnyOf((A, AllOf((B, C))))),
        ("{a} OR {b} {c}", AnyOf((A, AllOf((B, C))))),
        ("({a} OR {b}) AND {c}", AllOf((AnyOf((A, B)), C))),
        ("{a} AND({b} OR {c})", AllOf((A, AnyOf((B, C))))),
        ("NOT {a} AND {b}", AllOf((Not(A), B))),
        ("NOT ({a} AND {b})", Not(AllOf((A, B)))),
        ("not not {a}", Not(Not(A))),
        ("{a} OR NOT({b})", AnyOf((A, Not(B)))),
        ("(({a}))", A),
        ("(AND {a} AND)", A),
    ],
)
def test_not_binds_closer_than_and_and_and_closer_than_or(text: str, condition: Condition) -> None:
    assert parsed(text.format(a="metrics.a > 1", b="metrics.b > 1", c="metrics.c > 1")) == condition


def test_between_takes_both_ends_and_its_own_and() -> None:
    between = AllOf(
        (Comparison("metric", "a", ">=", -1.0), Comparison("metric", "a", "<=", 2.5)),
    )
    assert parsed("metrics.a BETWEEN -1 AND 2.5") == between
    assert parsed("metrics.a between -1 and 2.5 AND metrics.b > 1") == AllOf((between, B))
    assert parsed("NOT metrics.a BETWEEN -1 AND 2.5") == Not(between)


def test_other_searches_know_it_as_well() -> None:
    whole = parse_filter("name = 'a' OR creation_time BETWEEN 1 AND 2", EXPERIMENTS, extended=True)
    assert whole == AllOf(
        (
            AnyOf(
                (
                    Comparison("attribute", "name", "=", "a"),
                    AllOf(
                        (
                            Comparison("attribute", "creation_time", ">=", 1),
                            Comparison("attribute", "creation_time", "<=", 2),
                        )
                    ),
                )
            ),
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "OR",
        "metrics.a > 1 OR",
        "OR metrics.a > 1",
        "metrics.a > 1 OR OR metrics.b > 1",
        "metrics.a > 1 OR AND",
        "()",
        "(",
        ")",
        "(metrics.a > 1",
        "metrics.a > 1)",
        "(metrics.a > 1 OR)",
        "NOT",
        "NOT AND metrics.a > 1",
        "metrics.a NOT > 1",
        "metrics.a BETWEEN 1",
        "metrics.a BETWEEN 1 AND",
        "metrics.a BETWEEN 1 OR 2",
        "metrics.a BETWEEN 1, 2",
        "metrics.a NOT BETWEEN 1 AND 2",
        "params.a BETWEEN 'x' AND 'y'",
        "params.a NOT LIKE 'x'",
        "metrics.a > 1 XOR metrics.b > 1",
        "metrics.a > (1)",
    ],
)
def test_half_a_condition_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_filter(text, RUNS, extended=True)
    assert caught.value.field == "filter"


@pytest.mark.parametrize(
    ("opening", "closing", "levels"),
    [
        ("(", ")", FILTER_MAX_DEPTH),
        ("NOT ", "", FILTER_MAX_DEPTH),
        ("NOT (", ")", FILTER_MAX_DEPTH // 2),
    ],
)
def test_nesting_has_a_bound(opening: str, closing: str, levels: int) -> None:
    parse_filter(opening * levels + "metrics.a > 1" + closing * levels, RUNS, extended=True)
    for depth in (levels + 1, 10_000):
        with pytest.raises(InvalidRequest, match="nested"):
            parse_filter(opening * depth + "metrics.a > 1" + closing * depth, RUNS, extended=True)


def test_both_ends_of_between_count_as_comparisons() -> None:
    half = FILTER_MAX_COMPARISONS // 2
    parse_filter("metrics.a BETWEEN 1 AND 2 " * half, RUNS, extended=True)
    with pytest.raises(InvalidRequest, match="comparisons"):
        parse_filter("metrics.a BETWEEN 1 AND 2 " * (half + 1), RUNS, extended=True)
