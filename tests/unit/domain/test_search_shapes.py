"""Searches that differ in values only have one shape; nothing else is left out of it."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import RUNS
from jupyter_mlops.domain.search_shapes import split
from jupyter_mlops.domain.search_terms import AllOf

SHORT = 5


def read(text: str) -> AllOf:
    return parse_filter(text, RUNS, extended=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("metrics.a > 1", "metrics.a > -2.5"),
        ("params.a = 'x'", "params.a = 'y'"),
        ("start_time >= 1 and metrics.a != 2", "start_time >= 3 and metrics.a != 4"),
        ("metrics.a = 1 OR NOT (tags.b = 'c')", "metrics.a = 7 OR NOT (tags.b = 'd')"),
    ],
)
def test_values_are_no_part_of_a_shape(one: str, other: str) -> None:
    assert read(one) != read(other)
    assert split(read(one), SHORT)[0] == split(read(other), SHORT)[0]
    assert hash(split(read(one), SHORT)[0]) == hash(split(read(other), SHORT)[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("metrics.a > 1", "metrics.b > 1"),
        ("metrics.a > 1", "metrics.a >= 1"),
        ("metrics.a = 1", "params.a = '1'"),
        ("params.a = 'four'", "params.a = 'fives'"),
        ("params.a LIKE 'x'", "params.a LIKE 'y'"),
        ("run_id IN ('x')", "run_id IN ('y')"),
        ("metrics.a > 1", "NOT metrics.a > 1"),
        ("metrics.a > 1 OR metrics.b > 1", "metrics.a > 1 AND metrics.b > 1"),
    ],
)
def test_all_else_is_part_of_it(one: str, other: str) -> None:
    assert split(read(one), SHORT)[0] != split(read(other), SHORT)[0]


def test_each_value_has_a_name_of_its_own() -> None:
    _, told = split(read("metrics.a > 1 AND (params.b = 'x' OR NOT tags.c = 'x')"), SHORT)
    assert sorted(told.values(), key=str) == [1.0, "x", "x"]
