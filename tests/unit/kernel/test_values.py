"""Numbers and parameters of any library become JSON, and what is no number is told."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.metrics import from_wire
from jupyter_mlops.kernel.values import json_bytes, json_value, number, number_text, step_number


class Tensor:
    """A 0-d tensor of any framework: it has `item`, and `float` may not work on it."""

    def __init__(self, value: object) -> None:
        self.value = value

    def item(self) -> object:
        return self.value


@pytest.mark.parametrize(
    "given",
    [
        0.5,
        np.float64(0.5),
        np.float32(0.5),
        np.float16(0.5),
        np.array(0.5),
        np.array([0.5]),
        Decimal("0.5"),
        Fraction(1, 2),
        Tensor(0.5),
    ],
)
def test_a_scalar_of_any_library_is_its_number(given: object) -> None:
    value = number(given)
    assert type(value) is float
    assert value == 0.5


@pytest.mark.parametrize(("given", "value"), [(True, 1.0), (3, 3.0), (np.int64(3), 3.0)])
def test_whole_numbers_and_truth_values_are_numbers(given: object, value: float) -> None:
    assert number(given) == value


@pytest.mark.parametrize(
    "given", ["0.5", b"1", None, [1], np.array([1, 2]), np.str_("1"), 1j, object(), 10**400]
)
def test_what_is_not_one_number_is_refused(given: object) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        number(given)


@given(st.floats())
def test_a_float_reads_back_from_the_wire_as_it_was(value: float) -> None:
    back = from_wire(json.loads(number_text(value)))
    assert back == value or (math.isnan(back) and math.isnan(value))


@pytest.mark.parametrize(("given", "step"), [(3, 3), (3.0, 3), (np.int32(3), 3), (-1, -1)])
def test_whole_numbers_are_steps(given: object, step: int) -> None:
    assert step_number(given) == step


@pytest.mark.parametrize("given", [1.5, "1", math.nan, math.inf, None, 2**63])
def test_other_things_are_no_steps(given: object) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        step_number(given)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (np.arange(3), [0, 1, 2]),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        ((1, "a"), [1, "a"]),
        ({1: math.nan}, {"1": "NaN"}),
        (date(2026, 1, 31), "2026-01-31"),
        (Path("data/x.csv"), "data/x.csv"),
        (2**70, str(2**70)),
        ("\ud800", "?"),
    ],
)
def test_a_parameter_becomes_its_nearest_json_form(given: object, value: object) -> None:
    assert json.loads(json_bytes(json_value(given))) == value


def test_a_structure_that_holds_itself_becomes_json_too() -> None:
    ring: list[object] = []
    ring.append(ring)
    assert json_bytes(json_value(ring))
