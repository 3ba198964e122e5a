"""What MLflow's clients send is read as leniently as they need, and not more (rows S7, S8)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.api import body
from jupyter_mlops.api.mlflow import messages
from jupyter_mlops.api.mlflow.experiments import Search
from jupyter_mlops.api.mlflow.messages import Message
from jupyter_mlops.api.mlflow.metrics import GetHistory
from jupyter_mlops.api.mlflow.routes import ROUTES as MLFLOW_ROUTES
from jupyter_mlops.api.mlflow.runs import LogBatch, LogMetric, Update
from jupyter_mlops.domain.errors import InvalidRequest
from tests.contract import mlflow_messages
from tests.contract.test_bodies import deep, json_text, json_values

TOO_LARGE = "An integer in the body does not fit into 64 bits."
METRIC = {"run_id": "r", "key": "k", "value": 1, "timestamp": 1}


def metric(**fields: Any) -> LogMetric:
    return messages.from_body(json.dumps(METRIC | fields).encode(), LogMetric)


def told(read: Callable[[bytes, type[Any]], Message], data: bytes, kind: type[Any]) -> Any:
    """Return the fields that were read, or the words of the refusal."""
    try:
        return repr(msgspec.structs.asdict(read(data, kind)))
    except InvalidRequest as error:
        return error.message


# Those that read a body; they share what they are made of.
SENT = {route.body: mlflow_messages.body(route) for route in MLFLOW_ROUTES if route.body}


@settings(max_examples=1_000)
@given(data=st.data(), kind=st.sampled_from(sorted(SENT, key=lambda kind: kind.__name__)))
def test_a_message_reads_the_same_whether_it_was_looked_at_closely_or_not(
    data: st.DataObject, kind: type[Any]
) -> None:
    body = data.draw(SENT[kind])
    if messages._plain(body, kind) is not None:
        closely = told(messages._lenient, body, kind)
        assert closely in (told(messages.from_body, body, kind), TOO_LARGE)


def test_a_message_as_clients_send_it_needs_no_closer_look() -> None:
    point = {"key": "loss", "value": 0.25, "timestamp": 1_700_000_000_000, "step": 3}
    sent = {"run_id": "r", "metrics": [point], "params": [{"key": "a", "value": "\u00e9"}]}
    plain = messages._plain(json.dumps(sent, ensure_ascii=False).encode(), LogBatch)
    assert plain is not None
    assert plain.metrics[0].step == 3


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b"{",
        b"{'a': 1}",
        b'{"a": 1} {"b": 2}',
        b'{"a": 01}',
        b"\xff\xfe{}",
        b'\xef\xbb\xbf{"a": 1}',
        '{"key": "k"}'.encode("utf-16"),
        '{"key": "k"}'.encode("utf-32"),
        b'{"a": "\xff"}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\\ud800"}',
        b'{"tags": [{"key": "k", "value": "\\udfff"}]}',
        b'{"a": 9223372036854775808}',
        b'{"a": -9223372036854775809}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        deep(body.DEPTH_MAX + 1),
        deep(100_000),
    ],
)
def test_what_is_no_plain_object_of_a_bounded_depth_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        messages.from_body(data, Search)


def test_what_only_our_own_door_refuses_is_taken() -> None:
    assert messages.from_body(b"", Search) == Search()
    assert messages.from_body(b'{"unknown": {"a": [1]}}', Search) == Search()
    assert messages.from_body(b'{"filter": "a", "filter": "b"}', Search).filter == "b"
    assert messages.from_body(b'{"max_results": "7", "filter": null}', Search).max_results == 7
    assert math.isnan(messages.real(metric(value=math.nan).value, "value"))
    assert messages.from_body(deep(body.DEPTH_MAX), Search) == Search()


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1e30, "9" * 30, "9" * 5_000, "NaN", "1e3"])
def test_a_number_that_no_column_holds_is_refused(value: float | str) -> None:
    for name in ("timestamp", "step"):
        with pytest.raises(InvalidRequest):
            messages.whole(getattr(metric(**{name: value}), name), name)


@pytest.mark.parametrize("value", ["", "one", [], {}, "0x10", "1 2"])
def test_what_is_no_number_is_refused(value: Any) -> None:
    for name, read in (("value", messages.real), ("timestamp", messages.whole)):
        with pytest.raises(InvalidRequest):
            read(getattr(metric(**{name: value}), name), name)


@pytest.mark.parametrize("name", ["status", "run_name", "run_id"])
def test_a_field_of_another_type_is_named(name: str) -> None:
    for value in (["a"], {"a": 1}):
        with pytest.raises(InvalidRequest) as caught:
            messages.from_body(json.dumps({name: value}).encode(), Update)
        assert caught.value.field == name


def test_a_field_that_is_needed_is_named_when_it_is_missing() -> None:
    for name in ("key", "value", "timestamp"):
        for fields in (
            {key: item for key, item in METRIC.items() if key != name},
            METRIC | {name: None},
            METRIC | {name: ""},
        ):
            with pytest.raises(InvalidRequest) as caught:
                messages.from_body(json.dumps(fields).encode(), LogMetric)
            assert caught.value.field == name
            assert name in caught.value.message


def test_a_query_of_too_many_fields_or_of_what_no_text_holds_is_refused() -> None:
    kept = messages.from_query("&".join(["a=1"] * messages.FIELDS_MAX), Search)
    assert kept == Search()
    for query in ("&".join(["a=1"] * (messages.FIELDS_MAX + 1)), "filter=%00"):
        with pytest.raises(InvalidRequest):
            messages.from_query(query, Search)


def test_a_message_quotes_a_long_value_only_in_part() -> None:
    with pytest.raises(InvalidRequest) as caught:
        metric(key=["x" * 10_000])
    assert len(caught.value.message) < 200


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidRequest):
        messages.from_body(data, LogBatch)


@given(st.dictionaries(st.sampled_from(list(METRIC)) | json_text, json_values))
def test_any_object_is_read_or_refused(value: dict[str, Any]) -> None:
    data = json.dumps(value).encode()
    for kind in (LogMetric, LogBatch, Update, Search, GetHistory):
        with suppress(InvalidRequest):
            assert isinstance(messages.from_body(data, kind), kind)


@given(st.text(max_size=200))
def test_any_query_is_read_or_refused(query: str) -> None:
    for kind in (GetHistory, Search):
        with suppress(InvalidRequest):
            assert isinstance(messages.from_query(query, kind), kind)
