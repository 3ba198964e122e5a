"""Text from a command line becomes the value that the notebook means."""

from __future__ import annotations

from typing import Any, cast

import pytest

from jupyter_mlops.client.answers import NotebookInspection
from jupyter_mlops.client.parameter_text import from_text


def notebook(**types: str) -> NotebookInspection:
    parameters = [
        {"key": key, "type": kind.removeprefix("secret "), "secret": kind.startswith("secret")}
        for key, kind in types.items()
    ]
    return cast(NotebookInspection, {"parameters": parameters})


@pytest.mark.parametrize("kind", ["str", "int", "float", "bool", "list", "date", "secret json"])
def test_text_of_a_typed_parameter_goes_to_the_server_as_it_is(kind: str) -> None:
    assert from_text(notebook(a=kind), [("a", "0.10")]) == {"a": "0.10"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("3", 3),
        ("true", True),
        ("True", True),
        ("None", None),
        ('"3"', "3"),
        ("[1, 2]", [1, 2]),
        ('{"a": 1}', {"a": 1}),
        ("hello", "hello"),
        ("NaN", "NaN"),
        ("[" * 100_000, "[" * 100_000),
        ("", ""),
    ],
)
@pytest.mark.parametrize("types", [{}, {"a": "json"}, {"a": "none"}])
def test_where_no_type_is_known_json_is_its_value(
    types: dict[str, str], text: str, value: Any
) -> None:
    read = from_text(notebook(**types), [("a", text)])["a"]
    assert (type(read), read) == (type(value), value)


def test_the_last_value_of_a_key_stands() -> None:
    assert from_text(notebook(), [("a", "1"), ("a", "2")]) == {"a": 2}


@pytest.mark.parametrize("text", ["12345678", "1e5", "0.10", '"quoted"', '{"user": "ada"}', "abc"])
def test_a_secret_goes_as_the_text_that_was_typed(text: str) -> None:
    assert from_text(notebook(), [("password", text)]) == {"password": text}


def test_a_word_that_is_no_secret_stays_one_whatever_its_key() -> None:
    read = from_text(notebook(), [("auth", "true"), ("key_size", "256")])
    assert read == {"auth": True, "key_size": 256}
