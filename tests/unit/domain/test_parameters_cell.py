from __future__ import annotations

import textwrap
from typing import Any

import pytest

from jupyter_mlops.domain.parameters import ParameterSpec
from jupyter_mlops.domain.parameters_cell import SOURCE_MAX_CHARS, read_parameters_cell


def read(source: str) -> dict[str, ParameterSpec]:
    specs, warnings = read_parameters_cell(textwrap.dedent(source))
    assert warnings == []
    return {spec.key: spec for spec in specs}


def one(source: str) -> ParameterSpec:
    (spec,) = read(source).values()
    return spec


def warned(source: str) -> tuple[list[ParameterSpec], str]:
    specs, warnings = read_parameters_cell(textwrap.dedent(source))
    return specs, "\n".join(warnings)


VALUES: list[tuple[str, str, Any]] = [
    ("x = 1", "int", 1),
    ("x = -1", "int", -1),
    ("x = +1", "int", 1),
    ("x = 1_000", "int", 1000),
    ("x = 0x10", "int", 16),
    ("x = 2**10", "int", 1024),
    ("x = 60 * 60", "int", 3600),
    ("x = 1 << 20", "int", 1 << 20),
    ("x = int(1e6)", "int", 1_000_000),
    ("x = 1.5", "float", 1.5),
    ("x = 1e-3", "float", 0.001),
    ("x = -1 / 4", "float", -0.25),
    ("x = True", "bool", True),
    ("x = None", "json", None),
    ("x = 'text'", "str", "text"),
    ("x = 'a' 'b'", "str", "ab"),
    ("x = [1, 'a', None]", "list", [1, "a", None]),
    ("x = [64] * 3", "list", [64, 64, 64]),
    ("x = []", "list", []),
    ("x = (1, 2)", "tuple", [1, 2]),
    ("x = 1,", "tuple", [1]),
    ("x = {2, 1}", "set", [2, 1]),
    ("x = set()", "set", []),
    ("x = {'a': {'b': [1]}}", "dict", {"a": {"b": [1]}}),
    ("x = dict(a=1)", "dict", {"a": 1}),
    ("x = date(2026, 1, 31)", "date", "2026-01-31"),
    ("x = datetime.date(2026, 1, 31)", "date", "2026-01-31"),
    ("x = date.fromisoformat('2026-01-31')", "date", "2026-01-31"),
    ("x = dt.datetime(2026, 1, 31, 8)", "datetime", "2026-01-31T08:00:00"),
    ("x: float = 1", "float", 1.0),
    ("x: int = 1e3", "int", 1000),
    ("x: bool = False", "bool", False),
    ("x: list[int] = [1]", "list", [1]),
    ("x: typing.Sequence[str] = ['a']", "list", ["a"]),
    ("x: 'dict[str, int]' = {}", "dict", {}),
    ("x: tuple[int, int] = (1, 2)", "tuple", [1, 2]),
    ("x: datetime.date = date(2026, 1, 31)", "date", "2026-01-31"),
    ("x: int | float = 1", "float", 1.0),
    ("x: int | str = 1", "json", 1),
    ("x: Any = 'a'", "json", "a"),
    ("x: Final = 3", "int", 3),
    ("x: Final[float] = 3", "float", 3.0),
    ("x: SomeClass = 3", "int", 3),
]

PAPERMILL_LOSES_OR_CORRUPTS: list[tuple[str, str, Any]] = [
    ('name: str = "a=b"', "str", "a=b"),
    ("x = dict(x=1)", "dict", {"x": 1}),
    ("x: int | None = 5", "int", 5),
    ("x: datetime.date = datetime.date(2026, 1, 31)", "date", "2026-01-31"),
    ("x = 'issue #42'", "str", "issue #42"),
    ("x = 'a # b'  # help", "str", "a # b"),
    ('x = """one\n# two\nthree = 3"""', "str", "one\n# two\nthree = 3"),
    ("x = [\n    1,  # first\n    2,\n]", "list", [1, 2]),
    ("x = (\n    'a'\n    'b'\n)", "str", "ab"),
    ("x = {\n    'a=b': '#',\n}", "dict", {"a=b": "#"}),
]


@pytest.mark.parametrize(("source", "kind", "default"), VALUES + PAPERMILL_LOSES_OR_CORRUPTS)
def test_a_value_keeps_its_type_and_its_text(source: str, kind: str, default: Any) -> None:
    spec = one(source)
    assert (spec.type, spec.default) == (kind, default)
    assert type(spec.default) is type(default)
    assert not spec.required


def test_what_follows_a_value_of_several_lines_is_read_too() -> None:
    specs = read(
        '''
        first = [
            1,
        ]
        second = """
        x = 1
        """
        third = 3
        '''
    )
    assert list(specs) == ["first", "second", "third"]
    assert specs["third"].default == 3


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("x = date.today()", "date"),
        ("x = datetime.now()", "datetime"),
        ("x = f'{name}.csv'", "str"),
        ("x = float('inf')", "float"),
        ("x = [0] * 1000", "list"),
        ("x = np.inf", "float"),
        ("x = 1e999", "float"),
        ("x = 2**63", "json"),
        ("x = 9**9**9", "json"),
        ("x = 99999999999999999999", "int"),
        ("x = [0] * 10**9", "list"),
        ("x = Path('data')", "json"),
        ("x = os.environ['HOME']", "json"),
        ("x = [i for i in range(3)]", "list"),
        ("x = [date(2026, 1, 31)]", "list"),
        ("x = [(1, 2)]", "list"),
        ("x = {0: 1.0, 1: 5.0}", "dict"),
        ("x = {**other}", "dict"),
        ("x = b'bytes'", "json"),
        ("x = 1 / 0", "json"),
        ("x = '\\ud800'", "str"),
    ],
)
def test_what_json_cannot_carry_is_shown_as_code(source: str, kind: str) -> None:
    spec = one(source)
    assert (spec.type, spec.default) == (kind, None)
    assert spec.source == source.removeprefix("x = ")
    assert not spec.required


def test_code_is_never_run(tmp_path: Any) -> None:
    mark = tmp_path / "ran"
    for source in (f"x = open({str(mark)!r}, 'w')", f"x: open({str(mark)!r}, 'w') = 1"):
        read_parameters_cell(source)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("source", "nullable"),
    [
        ("x: Optional[int] = 1", True),
        ("x: typing.Optional[int] = None", True),
        ("x: int | None = None", True),
        ("x: None | int = 1", True),
        ("x: Union[int, None] = 1", True),
        ("x: 'Optional[int]' = None", True),
        ("x: Annotated[int | None, 'help'] = 1", True),
        ("x: int = None", True),
        ("x: int = 1", False),
    ],
)
def test_none_is_allowed_where_it_is_declared_or_written(source: str, nullable: bool) -> None:
    spec = one(source)
    assert spec.type == "int"
    assert spec.nullable is nullable


@pytest.mark.parametrize(
    ("source", "kind", "choices"),
    [
        ("x: Literal['a', 'b'] = 'a'", "str", ["a", "b"]),
        ("x: typing.Literal[1, -2] = 1", "int", [1, -2]),
        ("x: Literal[1, 'a'] = 1", "json", [1, "a"]),
        ("x: Literal['a', None] = None", "str", ["a"]),
        ("x: Optional[Literal['a', 'b']] = None", "str", ["a", "b"]),
        ("x = 'b'  # {choices: [a, b]}", "str", ["a", "b"]),
        ("x = 2  # {choices: [1, 2]}", "int", [1, 2]),
        ("x = 2.0  # {choices: [1, 2]}", "float", [1.0, 2.0]),
        ("x = 'a, b'  # {choices: ['a, b', \"c\"]}", "str", ["a, b", "c"]),
        ("x = None  # {choices: [a, b]}", "str", ["a", "b"]),
        ("x = 'a' #@param ['a', 'b'] {allow-input: true}", "str", None),
    ],
)
def test_choices_come_from_literal_or_comment(source: str, kind: str, choices: Any) -> None:
    spec = one(source)
    assert (spec.type, spec.choices) == (kind, choices)


@pytest.mark.parametrize(
    ("source", "bounds"),
    [
        ("x = 0.5  # {min: 0, max: 1}", (0, 1)),
        ("x = 0.5  # Share {min: 0.1}", (0.1, None)),
        ("x: Annotated[int, Ge(1), Lt(10)] = 5", (1, 9)),
        ("x: Annotated[float, Field(ge=0, le=1)] = 0.5", (0, 1)),
        ("x: Annotated[int, annotated_types.Interval(gt=0, le=8)] = 5", (1, 8)),
        ("x: PositiveInt = 5", (1, None)),
        ('x = 5  #@param {type:"slider", min:0, max:10, step:1}', (0, 10)),
        ("# {min: 0, max: 1}\nx = 0.5  # Share", (0, 1)),
        ("# {min: 0}\nx = (  # {max: 1}\n    0.5\n)  # Share", (0, 1)),
        ("x = 0.5  # {min: 0}\nx = 0.25  # {max: 1}", (0, 1)),
    ],
)
def test_ranges_come_from_comments_or_annotation(source: str, bounds: Any) -> None:
    spec = one(source)
    assert (spec.minimum, spec.maximum) == bounds
    assert not spec.exclusive_minimum
    assert not spec.exclusive_maximum


@pytest.mark.parametrize(
    ("source", "bounds"),
    [
        ("x: PositiveFloat = 5", (0, None, True, False)),
        ("x: Annotated[float, Gt(0), Le(1)] = 0.5", (0, 1, True, False)),
        ("x: Annotated[float, Field(gt=0, lt=1)] = 0.5", (0, 1, True, True)),
        ("x: Annotated[int, Gt(0.5)] = 1", (0.5, None, True, False)),
        ("x: PositiveFloat = 5  # {min: 0}", (0, None, False, False)),
    ],
)
def test_a_bound_that_is_not_allowed_itself_is_known_as_such(source: str, bounds: Any) -> None:
    spec = one(source)
    found = (spec.minimum, spec.maximum, spec.exclusive_minimum, spec.exclusive_maximum)
    assert found == bounds


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = 1  # Learning rate", "Learning rate"),
        ("# Learning rate\nx = 1", "Learning rate"),
        ("# Learning\n# rate\nx = 1", "Learning rate"),
        ("# Section\nx = 1  # Learning rate", "Learning rate"),
        ("# Learning rate\nx = 1  # {min: 0}", "Learning rate"),
        ("# {min: 0}\nx = 1  # Learning rate", "Learning rate"),
        ("# far away\n\nx = 1", ""),
        ("x = [  # Learning rate\n    1,\n]", "Learning rate"),
        ("x = [\n    1,\n]  # Learning rate", "Learning rate"),
        ("y = 1  # of y\nx = 1", ""),
        ("# ----- Training -----\nx = 1", "Training"),
        ("# %%\nx = 1", ""),
        ("x = 1  # noqa: E501", ""),
        ("x = 1  # type: int Learning rate", "Learning rate"),
        ("x = 1  # type: ignore", ""),
        ("# Parameters\nx = 1", ""),
        ("# This cell is tagged `parameters`\nx = 1", ""),
        ("x = 1  # {help: 'Rate, learning'}", "Rate, learning"),
        ("x = 1  # Learning rate {min: 0} per step", "Learning rate per step"),
        ("x: Annotated[int, 'Learning rate'] = 1", "Learning rate"),
        ("x: Annotated[int, Field(description='Rate')] = 1", "Rate"),
        ("x = 1  # a set like {a, b} is no option", "a set like {a, b} is no option"),
    ],
)
def test_a_comment_becomes_the_help_text(source: str, text: str) -> None:
    specs, _ = read_parameters_cell(source)
    assert specs[-1].help == text


def test_a_name_with_only_a_type_is_required() -> None:
    spec = one("x: int")
    assert (spec.required, spec.type, spec.source) == (True, "int", "")


def test_the_last_assignment_of_a_name_counts_and_its_annotation_stays() -> None:
    spec = one("x: float\nx = 1\nx = 2")
    assert (spec.type, spec.default, spec.required) == ("float", 2.0, False)


def test_magics_are_left_out() -> None:
    specs = read("%matplotlib inline\n!pip install it's\nx = 1\nfiles = !ls\nx?\ny = '''\n%text'''")
    assert {name: spec.default for name, spec in specs.items()} == {"x": 1, "y": "\n%text"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a, b = 1, 2", "Line 1: unpacking"),
        ("[a, b] = 1, 2", "Line 1: unpacking"),
        ("a = b = 1", "Line 1: a chain"),
        ("\nif True:\n    a = 1", "Line 2: only plain assignments"),
        ("a += 1", "Line 1: only plain assignments"),
        ("config.a = 1", "Line 1: only plain assignments"),
        ("a = (", "not valid Python (line 1"),
        ("library(dplyr)\nx <- function(a) {}", "not valid Python"),
        ("x = 1\0", "not valid Python"),
        ("(" * 500 + ")" * 500, "not valid Python"),
        ("#" * (SOURCE_MAX_CHARS + 1), "larger than 512 kB"),
    ],
)
def test_what_is_no_parameter_is_said(source: str, expected: str) -> None:
    specs, warnings = warned(source)
    assert specs == []
    assert expected in warnings


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x: int = 'a'", "x: its default does not fit"),
        ("x: str = date(2026, 1, 31)", "x: its default does not fit"),
        ("x = 5  # {max: 1}", "x: its default does not fit, it must be at most 1"),
        ("x = 'c'  # {choices: [a, b]}", "x: its default does not fit, it must be one of: a, b"),
        ("x = 5  # {min: 9, max: 1}", "x: its min and max leave no number between them"),
        ("x: Annotated[float, Gt(1), Le(1)] = 1.0", "x: its min and max leave no number"),
        ("x: PositiveFloat = 0", "x: its default does not fit, it must be more than 0"),
        ("# {min: 0}\nx = 5  # {min: 1}", "x: its comments contradict each other in min"),
        ("# {secret: true}\nx = 'a'  # {secret: false}", "contradict each other in secret"),
        ("# {min: 0, max: 1\nx = 1  # Share", "x: its options cannot be read"),
        ("# {min: 0}\n\nx = 1  # Share", "Line 1: these options belong to no parameter"),
        ("x = [\n    1,  # {secret: true}\n    2,\n]", "Line 2: these options belong to no"),
        ("x = 1\n# {min: 0}", "Line 2: these options belong to no parameter"),
        ("x = 'a'  # {min: 1}", "x: min and max are for numbers"),
        ("x = 'a'  # {choices: [1, 2]}", "x: its choices are left out"),
        ("x = 1  # {choices: 1}", "x: its choices are not a list"),
        ("x = 1  # {min: low}", "x: its min is not a number"),
        ("x = 1  # {min: 0, step: 1}", "x: the option step is not known"),
        ("x = 1  # {min: 0, max: 1", "x: its options cannot be read"),
    ],
)
def test_a_contradiction_is_said_and_the_parameter_stays(source: str, expected: str) -> None:
    specs, warnings = warned(source)
    assert [spec.key for spec in specs] == ["x"]
    assert expected in warnings


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("x = 1", True),
        ("x = None", True),
        ("x: int | None = None", True),
        ("x: int | None = compute()", False),
        ("x = Path('data')", False),
        ("x = [0] * 100", True),
        ("x = [0] * 1000", False),
        ("x = [[0] * 100] * 100", False),
        ("x = [[[[[0] * 9] * 9] * 9] * 9] * 9", False),
        ("x = ['long text that is repeated'] * 100", False),
        ("x = [{'a': [1, 2, 3]}] * 100", False),
        ("x = [0] * 10**18", False),
        ("x: Any = (1, 2)", False),
        ("x: int", False),
        ("api_key = ''", False),
    ],
)
def test_a_default_is_known_only_when_it_is_a_constant_that_may_be_shown(
    source: str, known: bool
) -> None:
    assert one(source).default_known is known


def test_a_default_that_does_not_fit_is_not_known() -> None:
    (spec,), _ = warned("x: int = 'a'")
    assert (spec.default, spec.default_known) == (None, False)
