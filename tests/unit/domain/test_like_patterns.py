from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.like_patterns import PATTERN_MAX_CHARS, to_glob, to_postgresql

_texts = st.text("ab%_*?[]^-!\\A\né", max_size=8)


def meant(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return what a pattern of MLflow's means as a regular expression of the whole text."""
    pieces = {"%": ".*", "_": "."}
    flags = re.DOTALL | (re.IGNORECASE | re.ASCII if ignore_case else 0)
    return re.compile("".join(pieces.get(char, re.escape(char)) for char in pattern), flags)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@given(text=_texts, pattern=_texts)
def test_glob_finds_what_the_pattern_means_case_by_case(
    sqlite: sqlite3.Connection, text: str, pattern: str
) -> None:
    (found,) = sqlite.execute("SELECT ? GLOB ?", (text, to_glob(pattern))).fetchone()
    assert bool(found) == bool(meant(pattern).fullmatch(text))


@given(text=_texts, pattern=_texts)
def test_like_of_sqlite_takes_an_ilike_pattern_as_it_is(
    sqlite: sqlite3.Connection, text: str, pattern: str
) -> None:
    (found,) = sqlite.execute("SELECT ? LIKE ?", (text, pattern)).fetchone()
    assert bool(found) == bool(meant(pattern, ignore_case=True).fullmatch(text))


@given(pattern=_texts)
def test_a_backslash_escapes_itself_alone_on_postgresql(pattern: str) -> None:
    assert re.sub(r"\\(.)", r"\1", to_postgresql(pattern), flags=re.DOTALL) == pattern
    assert not re.search(r"(?<!\\)(?:\\\\)*\\[^\\]", to_postgresql(pattern))


@pytest.mark.parametrize("char", ["[", "é", "😀", "%a"])
def test_the_longest_pattern_fits_in_the_limit_of_the_store(char: str) -> None:
    pattern = (char * PATTERN_MAX_CHARS)[:PATTERN_MAX_CHARS]
    assert len(to_glob(pattern).encode()) <= 4_096
