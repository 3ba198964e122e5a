from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.errors import InvalidParameter
from jupyter_mlops.domain.parameters import ParameterSpec, bind
from jupyter_mlops.domain.parameters_cell import read_parameters_cell


def specs(source: str) -> list[ParameterSpec]:
    return read_parameters_cell(source)[0]


def value_of(source: str, given_value: Any) -> Any:
    (bound,) = bind(specs(source), {"x": given_value})
    return bound.value


def refusal(source: str, given_values: dict[str, Any], *, strict: bool = True) -> InvalidParameter:
    with pytest.raises(InvalidParameter) as caught:
        bind(specs(source), given_values, strict=strict)
    return caught.value


@pytest.mark.parametrize(
    ("source", "given_value", "value"),
    [
        ("x = 1", 2, 2),
        ("x = 1", "2", 2),
        ("x = 1", " -2 ", -2),
        ("x = 1", 2.0, 2),
        ("x = 1", "1e3", 1000),
        ("x = 1.0", 2, 2.0),
        ("x = 1.0", "0.5", 0.5),
        ("x = 1.0", "1e-3", 0.001),
        ("x = True", False, False),
        ("x = True", "false", False),
        ("x = True", "Yes", True),
        ("x = True", "0", False),
        ("x = 'a'", "007", "007"),
        ("x = 'a'", "null", "null"),
        ("x = []", "[1, 2]", [1, 2]),
        ("x = {}", '{"a": 1}', {"a": 1}),
        ("x = (1,)", [2, 3], [2, 3]),
        ("x = {1}", [2, 2, True], [2, True]),
        ("x = date(2026, 1, 1)", "2026-02-28", "2026-02-28"),
        ("x = datetime(2026, 1, 1)", "2026-02-28T10:30", "2026-02-28T10:30:00"),
        ("x = datetime(2026, 1, 1)", "2026-02-28T10:30:00Z", "2026-02-28T10:30:00+00:00"),
        ("x = None", {"a": [1]}, {"a": [1]}),
        ("x: Any = 1", None, None),
        ("x: int | None = 1", None, None),
        ("x: int | None = 1", "none", None),
        ("x: Literal['a', None] = 'a'", None, None),
        ("x: str | None = None", "none", "none"),
        ("x: Literal[1, 2] = 1", "2", 2),
        ("x = 5  # {min: 0, max: 10}", "10", 10),
    ],
)
def test_a_value_is_taken_as_its_type_says(source: str, given_value: Any, value: Any) -> None:
    bound = value_of(source, given_value)
    assert bound == value
    assert type(bound) is type(value)


@pytest.mark.parametrize(
    ("source", "given_value", "message"),
    [
        ("x = 1", "two", "x must be a whole number."),
        ("x = 1", 1.5, "x must be a whole number."),
        ("x = 1", True, "x must be a whole number."),
        ("x = 1", None, "x must be a whole number."),
        ("x = 1", 2**63, "x must be a whole number of at most 64 bits."),
        ("x = 1", "9" * 30, "x must be a whole number of at most 64 bits."),
        ("x = 1", "9" * 5000, "x must be a whole number."),
        ("x = 1", 1e30, "x must be a whole number of at most 64 bits."),
        ("x = 1.0", "a", "x must be a number."),
        ("x = 1.0", float("nan"), "x must be a finite number."),
        ("x = 1.0", "inf", "x must be a finite number."),
        ("x = 1.0", True, "x must be a number."),
        ("x = True", 1, "x must be true or false."),
        ("x = True", "maybe", "x must be true or false."),
        ("x = 'a'", 1.10, "x must be text; put quotes around it."),
        ("x = 'a'", "\ud800", "x holds half of a surrogate pair, which is no text."),
        ("x = []", "1", "x must be a list, as in [1, 2]."),
        ("x = []", {"a": 1}, "x must be a list, as in [1, 2]."),
        ("x = {1}", [[1]], "x must be a list of single values, for they become a set."),
        ("x = {}", [], 'x must be an object, as in {"a": 1}.'),
        ("x = []", [2**63], "x must be a whole number of at most 64 bits."),
        ("x = date(2026, 1, 1)", "31.1.2026", "x must be a date, as in 2026-01-31."),
        ("x = datetime(2026, 1, 1)", 5, "x must be a date and time, as in 2026-01-31T14:30."),
        ("x: Literal['a', 'b'] = 'a'", "c", "x must be one of: a, b."),
        ("x: Literal[1, 'a'] = 1", True, "x must be one of: 1, a."),
        ("x: Literal[1, 'a'] = 1", None, "x must be one of: 1, a."),
        ("x = 5  # {min: 0, max: 10}", 11, "x must be at most 10."),
        ("x = 0.5  # {min: 0.25}", 0.1, "x must be at least 0.25."),
        ("# {min: 0.25}\nx = 0.5  # Share", 0.1, "x must be at least 0.25."),
        ("x: PositiveFloat = 0.5", 0, "x must be more than 0."),
        ("x: Annotated[float, Lt(1)] = 0.5", 1, "x must be less than 1."),
        ("x = None", "a" * 256 * 1024, "x is larger than 256 kB"),
        ("x: Any = 1", {"a"}, "x must be a JSON value."),
        ("x: Any = 1", {1: 2}, "x must be a JSON value, whose keys are text."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(
    source: str, given_value: Any, message: str
) -> None:
    error = refusal(source, {"x": given_value})
    assert error.field == "parameters.x"
    assert error.message.startswith(message)


def test_a_value_nested_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    assert "nested deeper" in refusal("x = []", {"x": deep}).message


def test_an_unknown_name_is_refused_and_the_close_one_is_offered() -> None:
    error = refusal("alpha = 1\nbeta = 2", {"alhpa": 1})
    assert error.field == "parameters.alhpa"
    assert "did you mean alpha?" in error.message


def test_an_unknown_name_far_from_all_others_gets_the_list() -> None:
    assert "it has alpha, beta." in refusal("alpha = 1\nbeta = 2", {"zzzzzz": 1}).message


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1x",
        "a b",
        "a.b",
        "class",
        "None",
        "x = __import__('os').system('id'); y",
        "x\n",
        "x;y",
        "\ufb01",  # the ligature fi, which Python would read as two letters
        "a" * 251,
        "\u202ex",
        "a\u034fb",  # a joiner that shows nothing
        "a\u3164",
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_name_that_is_no_identifier_never_becomes_code(name: str, strict: bool) -> None:
    error = refusal("x = 1", {name: 1}, strict=strict)
    assert "identifier" in error.message
    assert error.field is not None
    assert len(error.field.removeprefix("parameters.")) <= 80
    assert error.field.isprintable()


def test_only_what_was_given_comes_back() -> None:
    bound = bind(specs("a = 1\nb = 2\nc = 3"), {"b": 5})
    assert [(parameter.key, parameter.value) for parameter in bound] == [("b", 5)]


def test_a_required_parameter_must_be_given() -> None:
    error = refusal("x: int\ny = 1", {"y": 2})
    assert (error.field, error.message) == ("parameters.x", "x needs a value.")


def test_without_a_parameters_cell_any_identifier_gets_a_type_from_its_value() -> None:
    values = {"a": 1, "b": 0.5, "c": "t", "d": [1], "e": {"k": 1}, "f": True, "g": None}
    bound = bind([], values, strict=False)
    assert [parameter.value for parameter in bound] == list(values.values())
    assert [parameter.type for parameter in bound] == [
        "int",
        "float",
        "str",
        "list",
        "dict",
        "bool",
        "none",
    ]


def test_a_secret_is_marked_with_and_without_a_parameters_cell() -> None:
    for known in (specs("api_key = ''"), []):
        (bound,) = bind(known, {"api_key": "abc"}, strict=False)
        assert (bound.secret, bound.value, bound.type) == (True, "abc", "str")


def test_a_secret_left_empty_counts_as_not_given() -> None:
    assert bind(specs("api_key = ''"), {"api_key": None}) == []
    assert refusal("api_key: str", {"api_key": None}).message == "api_key needs a value."


@pytest.mark.parametrize("value", ["a\0b", "a" * 40_000, 1.5, ["a"], True])
def test_a_secret_that_no_environment_can_carry_is_refused(value: Any) -> None:
    error = refusal("api_key = ''", {"api_key": value})
    assert error.field == "parameters.api_key"
    assert "secret" in error.message


CANARY = "canary-5e1f"


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "x = 1.0",
        "x = True",
        "x = []",
        "x = {}",
        "x = date(2026, 1, 1)",
        "x: Literal['a'] = 'a'",
        "x = {1}",
    ],
)
def test_a_refusal_never_repeats_the_value(source: str) -> None:
    assert CANARY not in refusal(source, {"x": CANARY}).message


_cells = st.sampled_from(
    [
        "x = 1",
        "x = 0.5",
        "x = True",
        "x = 'a'",
        "x = [1]",
        "x = (1, 2)",
        "x = {1, 2}",
        "x = {'a': 1}",
        "x = date(2026, 1, 31)",
        "x = datetime(2026, 1, 31)",
        "x = None",
        "x: int | None = None",
        "x: Literal['a', 'b'] = 'b'",
        "x = 3  # {min: 1, max: 5}",
        "x: Any = 1",
        "x: float = 2",
        "x: datetime = datetime(2026, 1, 31, 5, 6, 7)",
    ]
)


@given(_cells)
def test_a_default_can_always_be_given_back(source: str) -> None:
    (spec,) = specs(source)
    (bound,) = bind([spec], {"x": spec.default})
    assert bound.value == spec.default


def test_a_number_for_the_name_of_a_secret_is_kept_as_one_where_nothing_is_declared() -> None:
    (bound,) = bind([], {"password": 12345678}, strict=False)
    assert (bound.secret, bound.value, bound.type) == (True, "12345678", "str")


@pytest.mark.parametrize("value", [1.5, {"user": "ada"}, ["a"]])
def test_what_cannot_be_passed_as_a_secret_is_refused_rather_than_stored(value: Any) -> None:
    with pytest.raises(InvalidParameter, match="must be text"):
        bind([], {"password": value}, strict=False)


def test_a_number_of_a_harmless_name_stays_a_number() -> None:
    (bound,) = bind([], {"key_size": 256}, strict=False)
    assert (bound.secret, bound.value) == (False, 256)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(_cells, st.text(max_size=5) | st.just("x"), _anything, st.booleans())
def test_binding_answers_or_refuses_and_nothing_else(
    source: str, name: str, value: Any, strict: bool
) -> None:
    try:
        bound = bind(specs(source), {name: value}, strict=strict)
    except InvalidParameter:
        return
    again = bind(specs(source), {item.key: item.value for item in bound}, strict=strict)
    assert again == bound
