"""Any text is a filter or is refused, in time that grows with its length and not faster."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.search_filter import FILTER_MAX_CHARS, parse_filter
from jupyter_mlops.domain.search_nouns import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Noun,
)
from jupyter_mlops.domain.search_order import parse_order
from jupyter_mlops.domain.search_terms import AllOf, AnyOf, Comparison, Condition, Not
from jupyter_mlops.domain.search_tokens import tokenize

# A filter of the greatest length takes a tenth of it; anything quadratic, minutes.
_SECONDS = 3.0

_NOUNS = [RUNS, EXPERIMENTS, REGISTERED_MODELS, MODEL_VERSIONS, LOGGED_MODELS]
_PIECES = [
    *(
        "metrics.a",
        "params.",
        "tags.`a b`",
        "name",
        "status",
        "run_id",
        "dataset.name",
        "start_time",
    ),
    *(
        " ",
        "\n",
        "\u00a0",
        ".",
        ",",
        "(",
        ")",
        "'",
        '"',
        "`",
        "''",
        "\\'",
        '\\"',
        "\\",
        ";",
        "#",
    ),
    *(
        "=",
        "!=",
        ">",
        "<=",
        "==",
        " LIKE ",
        " ILIKE ",
        " IN ",
        " NOT IN ",
        " IS NULL",
        " IS NOT NULL",
    ),
    *(
        " AND ",
        " OR ",
        "NOT ",
        " BETWEEN ",
        " ASC",
        " DESC",
        "NULL",
        "nan",
        "0x1",
        "1e5",
        "-1",
        ".5",
    ),
    *(
        "'x'",
        '"x"',
        "('a','b')",
        "1",
        "9" * 30,
        "é",
        "٣",
        "²",
        "😀",
        "\0",
        "\ud800",
        "/*",
        "--",
        "$$",
    ),
]
_filters = st.text() | st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)


def check(condition: Condition) -> None:
    """Check that a database can take every key and value."""
    if isinstance(condition, (AllOf, AnyOf)):
        for inner in condition.conditions:
            check(inner)
    elif isinstance(condition, Not):
        check(condition.condition)
    else:
        assert isinstance(condition, Comparison)
        value = condition.value
        for item in (condition.key, *(value if isinstance(value, tuple) else (value,))):
            if isinstance(item, str):
                assert "\0" not in item
                item.encode()
            elif isinstance(item, int):
                assert -(2**63) <= item < 2**63
            else:
                assert item is None or isinstance(item, float)


def reads(parse: Callable[[], object], field: str) -> bool:
    """Return whether ``parse`` returns; a refusal must be one of its ``field``."""
    try:
        parse()
    except InvalidRequest as refusal:
        named = refusal.field
    else:
        return True
    assert named == field
    return False


@given(text=_filters, noun=st.sampled_from(_NOUNS))
@example("metrics.a > 1 AND params.b LIKE 'x'", RUNS)
def test_any_text_is_a_filter_or_refused_and_the_wider_grammar_reads_it_alike(
    text: str, noun: Noun
) -> None:
    if reads(lambda: parse_filter(text, noun), "filter"):
        whole = parse_filter(text, noun)
        check(whole)
        assert parse_filter(text, noun, extended=True) == whole


@given(text=_filters, noun=st.sampled_from(_NOUNS))
def test_any_text_is_a_filter_of_the_wider_grammar_or_refused(text: str, noun: Noun) -> None:
    reads(lambda: check(parse_filter(text, noun, extended=True)), "filter")


@given(text=_filters, noun=st.sampled_from(_NOUNS))
def test_any_text_is_an_order_or_refused(text: str, noun: Noun) -> None:
    reads(lambda: parse_order([text], noun), "order_by")


@given(text=_filters)
def test_tokens_cover_the_text_but_for_blanks(text: str) -> None:
    rest = text
    for token in tokenize(text):
        before, source, rest = rest.partition(token.source)
        assert source
        assert not before.strip()
    assert not rest.strip()


@given(
    start=_filters,
    pieces=st.lists(st.sampled_from(_PIECES), min_size=1, max_size=4).map("".join),
    extended=st.booleans(),
)
@settings(max_examples=10, deadline=None)
@example("run_id IN (", "'a',", False)
@example("params.a = '", "\\'", False)
@example('params.a = "', "\\\"'\\'", False)
@example("", "'\\'", False)
@example("", "a.'\\'", False)
@example("", '``""', False)
@example("a", ".", False)
@example("", "NOT (", True)
@example("metrics.a > ", "1", False)
def test_the_longest_text_takes_no_time(start: str, pieces: str, extended: bool) -> None:
    text = (start + pieces * (FILTER_MAX_CHARS // len(pieces)))[:FILTER_MAX_CHARS]
    began = time.process_time()
    reads(lambda: parse_filter(text, RUNS, extended=extended), "filter")
    assert time.process_time() - began < _SECONDS


@pytest.mark.parametrize("noun", _NOUNS)
def test_every_beginning_of_a_filter_is_read_or_refused(noun: Noun) -> None:
    text = "tags.`a b` != 'it''s' AND name NOT IN ('a', \"b\") AND version_number >= -1.5e-3"
    for end in range(len(text) + 1):
        reads(lambda beginning=text[:end]: parse_filter(beginning, noun), "filter")
