"""`import jupyter_mlops` is cheap, and offers every logging function at its first use."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import jupyter_mlops

HEAVY = {"alembic", "jupyter_server", "msgspec", "papermill", "sqlalchemy", "tornado"}


def modules_after(statement: str) -> set[str]:
    """Top-level modules of a fresh interpreter after a statement."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    return {name.partition(".")[0] for name in json.loads(output)}


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not modules_after("import jupyter_mlops") & HEAVY


def test_using_a_logging_function_imports_nothing_heavy() -> None:
    assert not modules_after("import jupyter_mlops; jupyter_mlops.log_metric") & HEAVY


@pytest.mark.parametrize("name", sorted(set(jupyter_mlops.__all__) - {"__version__"}))
def test_each_public_name_is_a_function_of_the_kernel_package(name: str) -> None:
    function = getattr(jupyter_mlops, name)
    assert callable(function)
    assert function.__module__.startswith("jupyter_mlops.kernel")


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="log_everything"):
        jupyter_mlops.log_everything  # noqa: B018 - reading it is the test


def test_completion_offers_the_logging_functions() -> None:
    assert set(jupyter_mlops.__all__) <= set(dir(jupyter_mlops))


def test_the_version_is_that_of_the_installed_distribution() -> None:
    from importlib.metadata import version

    assert jupyter_mlops.__version__ == version("jupyter-mlops")


@pytest.mark.parametrize(
    "door",
    [
        "import jupyter_mlops",
        "from jupyter_mlops import _jupyter_server_extension_points",
        "from jupyter_mlops import start_run",
        "from jupyter_mlops.cli import main",
        "import jupyter_mlops.server.extension",
    ],
)
def test_every_door_tells_users_of_windows_to_use_wsl(door: str) -> None:
    program = f"import sys; sys.platform = 'win32'; {door}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "WSL" in done.stderr.splitlines()[-1]
