from __future__ import annotations

import os
from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.errors import InvalidParameter
from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.execution.injection import injected_source


def bound(key: str, kind: Any, value: Any, *, secret: bool = False) -> BoundParameter:
    return BoundParameter(key=key, type=kind, value=value, secret=secret)


def run_python(*parameters: BoundParameter) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(injected_source(parameters, "python3", "python"), names)  # noqa: S102 - what it is for
    return names


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int", 3, 3),
        ("float", 1.0, 1.0),
        ("bool", True, True),
        ("str", 'it\'s "quoted"\n\\ {x} é\u2028', 'it\'s "quoted"\n\\ {x} é\u2028'),
        ("list", [1, [2, None]], [1, [2, None]]),
        ("dict", {"a b": {"c": True}}, {"a b": {"c": True}}),
        ("tuple", [1], (1,)),
        ("tuple", [], ()),
        ("tuple", [1, "b"], (1, "b")),
        ("set", [1, 2], {1, 2}),
        ("set", [], set()),
        ("set", [None, "a"], {None, "a"}),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", None, None),
        ("datetime", "2024-02-29T12:30:00", datetime(2024, 2, 29, 12, 30)),  # noqa: DTZ001
        (
            "datetime",
            "2024-02-29T12:30:00+00:00",
            datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc),
        ),
        ("json", None, None),
    ],
)
def test_python_gets_values_of_the_declared_type(kind: str, value: Any, expected: Any) -> None:
    given_value = run_python(bound("x", kind, value))["x"]
    assert given_value == expected
    assert type(given_value) is type(expected)


def test_the_cell_brings_no_name_that_could_shadow_one_of_the_notebook() -> None:
    names = run_python(bound("day", "date", "2024-01-01"))
    assert set(names) - {"__builtins__"} == {"day"}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # NUL cannot be in a Python source as itself, but its escape can.
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_any_json_value_arrives_unchanged(value: Any) -> None:
    assert run_python(bound("x", "json", value))["x"] == value


def test_a_secret_is_read_from_the_environment_and_not_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JMLOPS_SECRET_token", "s3cret-value")
    parameter = bound("token", "str", "s3cret-value", secret=True)
    assert "s3cret" not in injected_source([parameter], "python3", "python")
    names = run_python(parameter)
    assert names["token"] == "s3cret-value"
    assert names["os"] is os


@pytest.mark.parametrize(
    ("language", "kernel", "line"),
    [
        ("R", "ir", 'token = Sys.getenv("JMLOPS_SECRET_token")'),
        ("julia", "julia-1.11", 'token = ENV["JMLOPS_SECRET_token"]'),
        ("bash", "bash", 'token="$JMLOPS_SECRET_token"'),
        ("scala", "almond", 'val token = sys.env("JMLOPS_SECRET_token")'),
        ("PowerShell", ".net-powershell", "$token = $env:JMLOPS_SECRET_token"),
    ],
)
def test_other_languages_read_secrets_in_their_own_way(
    language: str, kernel: str, line: str
) -> None:
    source = injected_source([bound("token", "str", "x" * 9, secret=True)], kernel, language)
    assert line in source.splitlines()
    assert "xxx" not in source


@pytest.mark.parametrize(
    ("language", "kernel", "lines"),
    [
        ("R", "ir", ["a = 0.5", 'b = list("x", TRUE)']),
        ("r", "ir", ["a = 0.5", 'b = list("x", TRUE)']),
        ("julia", "julia-1.11", ["a = 0.5", 'b = ["x", true]']),
        ("bash", "bash", ["a=0.5", "b=(x true)"]),
        ("scala", "almond", ["val a = 0.5", 'val b = Seq("x", true)']),
        ("C#", ".net-csharp", ["var a = 0.5;", 'var b = new [] { "x", true };']),
    ],
)
def test_other_languages_are_written_by_papermill(
    language: str, kernel: str, lines: list[str]
) -> None:
    parameters = [bound("a", "float", 0.5), bound("b", "list", ["x", True])]
    assert injected_source(parameters, kernel, language).splitlines()[1:] == lines


def test_a_text_is_not_interpolated_by_julia_or_powershell() -> None:
    parameter = bound("a", "str", "$(run(`id`))")
    assert r'a = "\$(run(`id`))"' in injected_source([parameter], "julia-1.11", "julia")
    assert "$a = '$(run(`id`))'" in injected_source([parameter], ".net-powershell", "PowerShell")


def test_a_language_that_cannot_be_written_is_refused_with_the_parameter_named() -> None:
    with pytest.raises(InvalidParameter, match="cobol") as caught:
        injected_source([bound("a", "int", 1)], "cobol", "cobol")
    assert caught.value.field == "parameters.a"
    with pytest.raises(InvalidParameter) as caught:
        injected_source([bound("a", "int", 1), bound("b", "dict", {})], "bash", "bash")
    assert caught.value.field == "parameters.b"
