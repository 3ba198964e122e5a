"""Any text may stand in a parameters cell: reading never fails, and what is written comes back."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.parameters import bind
from jupyter_mlops.domain.parameters_cell import read_parameters_cell

_WORDS = [
    "x",
    "=",
    ":",
    "1",
    "'",
    '"""',
    "#",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    "min",
    "max",
    "int",
    "Literal",
    "|",
    "None",
    "choices",
    "secret",
    "\\",
    "%",
    "!",
    "é",
    "date",
    "-",
    "**",
    "9",
    "lambda",
    "f'",
    "b'",
    "#@param",
    "Annotated",
    ";",
]
_SNIPPETS = st.sampled_from([*_WORDS, " ", "\n", "\r", "\t", "\x0c", "\0", "if x:", '"""'])


@given(st.text() | st.lists(_SNIPPETS, max_size=40).map("".join))
def test_no_text_whatever_makes_reading_fail(source: str) -> None:
    specs, warnings = read_parameters_cell(source)
    assert all(isinstance(warning, str) for warning in warnings)
    assert len({spec.key for spec in specs}) == len(specs)
    json.dumps([spec.default for spec in specs], allow_nan=False)


@given(st.text(max_size=200))
def test_no_comment_whatever_makes_reading_fail(comment: str) -> None:
    line = "".join(char for char in comment if char not in "\r\n\0")
    specs, _ = read_parameters_cell(f"x = 1  # {line}")
    assert [spec.key for spec in specs] == ["x"]


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(_json)
def test_any_json_value_written_in_the_cell_is_read_back_and_can_be_given_again(value: Any) -> None:
    specs, _ = read_parameters_cell(f"x = {value!r}  # {{secret: false}}")
    (spec,) = specs
    if not spec.source:  # a dict that holds something like a password
        return
    assert spec.default == value
    (bound,) = bind(specs, {"x": spec.default})
    assert bound.value == value
