"""Values that begin with a dash reach their option, whatever argparse thinks of them."""

from __future__ import annotations

import argparse

import pytest

from jupyter_mlops.client.dashed_values import shielded, unshielded


def parsed(line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("notebook")
    parser.add_argument("-p", "--parameter", nargs=2, type=unshielded, action="append")
    parser.add_argument("--wait", action="store_true")
    return parser.parse_args(shielded(line.split(), ("-p", "--parameter")))


@pytest.mark.parametrize("value", ["-1e-3", "-x", "--wait", "-p", "--", "-", "-1", "5", "a"])
@pytest.mark.parametrize("option", ["-p", "--parameter"])
def test_both_words_behind_the_option_are_its_values(option: str, value: str) -> None:
    found = parsed(f"nb.ipynb {option} alpha {value} {option} {value} 1 --wait")
    assert found.parameter == [["alpha", value], [value, "1"]]
    assert (found.notebook, found.wait) == ("nb.ipynb", True)


def test_a_missing_value_is_still_told() -> None:
    with pytest.raises(argparse.ArgumentError, match="expected 2 arguments"):
        parsed("nb.ipynb -p alpha")


def test_behind_two_dashes_there_are_no_options() -> None:
    assert parsed("-- -p").notebook == "-p"
