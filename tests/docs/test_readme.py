from __future__ import annotations

import re

from jupyter_mlops.cli import exit_codes
from jupyter_mlops.execution.run_log import LIMIT_BYTES
from jupyter_mlops.execution.stream_text import HEAD_CHARS, TAIL_CHARS
from jupyter_mlops.server.extension import MLOpsApp
from scripts.reference.settings import default, traits
from tests.docs.pages import README, ROOT

TEXT = README.read_text("utf-8")


def test_the_settings_in_the_readme_are_the_traits_with_their_defaults() -> None:
    rows = re.findall(r"^\| `MLOpsApp\.(\w+)` \| (.*?) \|", TEXT, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(traits())
    for name, told in rows:
        if not hasattr(MLOpsApp, f"_default_{name}"):
            assert told.replace('"', "'") == default(traits()[name])


def test_the_limits_in_the_readme_are_those_of_the_code() -> None:
    assert f"up to {(HEAD_CHARS + TAIL_CHARS) // 1_000_000} million characters" in TEXT
    assert f"log up to {LIMIT_BYTES // 1_000_000} MB" in TEXT


def test_the_versions_in_the_readme_are_those_of_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (floor,) = re.findall(r'"jupyterlab>=([\d.]+),!=4\.6\.0,!=4\.6\.1,<5"', project)
    assert f"JupyterLab {floor} or newer is needed (not 4.6.0 and 4.6.1)" in TEXT
    (python,) = re.findall(r'requires-python = ">=([\d.]+)"', project)
    assert f"Python {python} or newer" in TEXT


def test_the_exit_codes_in_the_guide_are_those_of_the_command_line() -> None:
    guide = (ROOT / "docs" / "guide" / "command_line.md").read_text("utf-8")
    told = [int(code) for code in re.findall(r"^\| (\d+) \|", guide, re.MULTILINE)]
    assert told == [
        exit_codes.OK,
        exit_codes.FAILED,
        exit_codes.BAD_INPUT,
        exit_codes.KILLED,
        exit_codes.UNAVAILABLE,
        exit_codes.INTERRUPTED,
    ]
