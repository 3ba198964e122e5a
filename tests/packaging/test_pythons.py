"""Every Python that is promised and found on this machine: the wheel installs there and runs a notebook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.environments import Environment
from tests.packaging.test_front_ends import write_notebook

PROMISED = ("3.10", "3.11", "3.12", "3.13", "3.14")


def interpreter(version: str) -> str | None:
    """Return a working Python of a version: on PATH, or one that pyenv keeps."""
    own = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(own.glob(f"{version}.*/bin/python"))
    for python in (shutil.which(f"python{version}"), *kept):
        if python is not None and _is(python, version):
            return str(python)
    return None


def _is(python: str | Path, version: str) -> bool:
    program = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


FOUND = {version: python for version in PROMISED if (python := interpreter(version)) is not None}
FOUND.setdefault("{}.{}".format(*sys.version_info), sys.executable)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", FOUND)
def test_the_wheel_runs_a_notebook_in(
    version: str, wheel: Path, new_environment: Callable[..., Environment], tmp_path: Path
) -> None:
    environment = new_environment(FOUND[version])
    environment.install(str(wheel))
    write_notebook(tmp_path / "train.ipynb")
    told = environment.run(
        *("jupyter-mlops", "run", "train.ipynb", "-p", "steps", "5", "--wait", "--json"),
        cwd=tmp_path,
    )
    run = json.loads(told)
    assert run["status"] == "FINISHED", run
    assert [metric["count"] for metric in run["metrics"]] == [5]
    environment.run("jupyter-mlops", "examples", "copied", cwd=tmp_path)
    assert (tmp_path / "copied" / "digits.ipynb").exists()
    program = "import jupyter_mlops, sys; assert 'tornado' not in sys.modules"
    environment.run("python", "-W", "error", "-c", program)
