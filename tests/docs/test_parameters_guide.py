from __future__ import annotations

import re
from pathlib import Path

from jupyter_mlops.domain.parameter_values import VALUE_MAX_BYTES
from jupyter_mlops.domain.parameters_cell import read_parameters_cell
from jupyter_mlops.secret_names import is_secret_name
from jupyter_mlops.settings import MAX_NOTEBOOK_BYTES

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "parameters.md").read_text()


def test_the_cell_in_the_guide_makes_the_form_that_the_guide_promises() -> None:
    (cell,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    specs, warnings = read_parameters_cell(cell)
    assert warnings == []
    assert {spec.key: spec.type for spec in specs} == {
        "learning_rate": "float",
        "epochs": "int",
        "penalty": "str",
        "layers": "list",
        "stop_after": "int",
        "since": "date",
        "api_key": "str",
    }
    shown = {spec.key: spec for spec in specs}
    assert (shown["learning_rate"].minimum, shown["learning_rate"].maximum) == (0.0001, 1)
    assert shown["learning_rate"].help == "How far each step moves"
    assert shown["penalty"].choices == ["l1", "l2"]
    assert shown["stop_after"].nullable
    assert [spec.key for spec in specs if spec.secret] == ["api_key"]


def test_the_names_in_the_guide_are_judged_as_it_says() -> None:
    (secrets,) = re.findall(r"capitals, so (.*?) are secrets", GUIDE, re.DOTALL)
    (harmless,) = re.findall(r"are secrets, while (.*?) are not", GUIDE, re.DOTALL)
    assert all(is_secret_name(name) for name in re.findall("`(.*?)`", secrets))
    assert not any(is_secret_name(name) for name in re.findall("`(.*?)`", harmless))
    assert len(re.findall("`(.*?)`", secrets + harmless)) == 6


def test_the_limits_in_the_guide_are_those_of_the_code() -> None:
    assert f"over {VALUE_MAX_BYTES // 1024} kB" in GUIDE
    assert f"up to {MAX_NOTEBOOK_BYTES // 1_000_000} MB" in GUIDE
