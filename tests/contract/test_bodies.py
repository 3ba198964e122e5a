"""A body is exactly one JSON object of the declared fields, or it is refused."""

from __future__ import annotations

import json
import string
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.api import body
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.runs import NewRun, RunChange

json_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(body.INT64_MIN, body.INT64_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | json_text,
    lambda inner: st.lists(inner) | st.dictionaries(json_text, inner),
    max_leaves=20,
)


@given(st.dictionaries(json_text, json_values))
def test_every_plain_object_comes_through_as_it_was_sent(value: dict[str, Any]) -> None:
    assert body.parse_object(json.dumps(value).encode()) == value
    assert body.parse_object(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    with suppress(InvalidRequest):
        assert isinstance(body.parse_object(data), dict)


@given(st.text('{}[]",:0123456789eE+-.\\utrfalsn NI', max_size=40))
def test_any_near_json_is_parsed_or_refused(text: str) -> None:
    with suppress(InvalidRequest):
        assert isinstance(body.parse_object(text.encode()), dict)


def deep(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"1" + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b"\xff\xfe{}",
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\xff"}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 9223372036854775808}',
        b'{"a": -9223372036854775809}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
        b'{"a": 01}',
        deep(body.DEPTH_MAX + 1),
        deep(100_000),
    ],
)
def test_what_is_not_plain_json_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        body.parse_object(data)


def test_the_deepest_nesting_allowed_is_accepted() -> None:
    assert "a" in body.parse_object(deep(body.DEPTH_MAX))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "notebook"),
        ({"notebook": 1}, "notebook"),
        ({"notebook": None}, "notebook"),
        ({"notebook": "a", "time_limit": "soon"}, "time_limit"),
        ({"notebook": "a", "tags": {"k": 1}}, "tags"),
        ({"notebook": "a", "parameters": []}, "parameters"),
        ({"notebook": "a", "Notebook": "b"}, None),
    ],
)
def test_a_refusal_names_the_field_to_blame(value: dict[str, Any], field: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        body.parse(json.dumps(value).encode(), NewRun)
    assert caught.value.field == field


def test_an_unset_field_is_told_from_a_null_one() -> None:
    with pytest.raises(InvalidRequest):
        body.parse(b'{"name": null}', RunChange)
    assert body.parse(b'{"note": "x"}', RunChange).note == "x"


canary = st.text(string.ascii_letters + string.digits + " `'$.|[]<=-at", min_size=8).filter(
    lambda text: len(set(text)) > 4
)


@given(canary)
def test_no_refusal_quotes_what_was_sent(text: str) -> None:
    for value in (
        {"notebook": "a", text: 1},
        {"notebook": "a", "time_limit": text},
        {"notebook": "a", "tags": {text: 5}},
        {"notebook": [text]},
    ):
        with pytest.raises(InvalidRequest) as caught:
            body.parse(json.dumps(value).encode(), NewRun)
        assert text not in caught.value.message
        assert text not in (caught.value.field or "")
