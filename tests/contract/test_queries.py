"""A query string holds declared parameters only, each typed and sent once."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.api import query
from jupyter_mlops.api.events import EventsQuery
from jupyter_mlops.api.run_records import NotebookQuery
from jupyter_mlops.api.tags import TagQuery
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import RunStatus


def test_every_filter_of_a_list_of_runs_is_understood() -> None:
    text = "experiment_id=3&status=RUNNING&status=FAILED&notebook=a%20b.ipynb&q=%E6%97%A5+1&deleted=true"
    parent = "0a" * 16
    assert query.parse(f"{text}&parent={parent}&cursor=c&limit=7", RunQuery) == RunQuery(
        experiment_id=3,
        statuses=(RunStatus.RUNNING, RunStatus.FAILED),
        notebook="a b.ipynb",
        text="日 1",
        deleted=True,
        parent=parent,
        cursor="c",
        limit=7,
    )
    assert query.parse("", RunQuery) == RunQuery()


def test_text_that_looks_like_another_type_stays_text() -> None:
    assert query.parse("q=null&notebook=12", RunQuery) == RunQuery(text="null", notebook="12")


@pytest.mark.parametrize(
    ("text", "kind", "field"),
    [
        ("nope=1", RunQuery, None),
        ("limit=1&limit=1", RunQuery, "limit"),
        ("limit=0", RunQuery, "limit"),
        ("limit=1001", RunQuery, "limit"),
        ("limit=1.5", RunQuery, "limit"),
        ("limit=", RunQuery, "limit"),
        ("limit=9223372036854775808", RunQuery, "limit"),
        ("limit=٣", RunQuery, "limit"),
        ("limit=1_0", RunQuery, "limit"),
        ("deleted=1", RunQuery, "deleted"),
        ("parent=" + "0" * 31, RunQuery, "parent"),
        ("status=DONE", RunQuery, "status"),
        ("&".join(["status=FAILED"] * 17), RunQuery, "status"),
        ("q=" + "x" * 251, RunQuery, "q"),
        ("q=%00", RunQuery, None),
        ("q=%ff", RunQuery, None),
        ("q=%zz", RunQuery, None),
        ("q=%ED%A0%80", RunQuery, None),
        ("x" * 9_000, RunQuery, None),
        ("&".join(f"a{n}=1" for n in range(200)), RunQuery, None),
        ("after=-1", EventsQuery, "after"),
        ("kind=both", NotebookQuery, "kind"),
        ("", TagQuery, "key"),
        ("key=", TagQuery, "key"),
        ("a=1", query.NoQuery, None),
    ],
)
def test_a_bad_parameter_is_refused_and_named(
    text: str, kind: type[RunQuery], field: str | None
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        query.parse(text, kind)
    assert caught.value.field == field


@given(st.text(max_size=100))
def test_any_query_string_is_parsed_or_refused(text: str) -> None:
    for kind in (RunQuery, EventsQuery, TagQuery, NotebookQuery, query.NoQuery):
        with suppress(InvalidRequest):
            assert isinstance(query.parse(text, kind), kind)
