"""Kernels, which cannot ask Jupyter, find the folders that Jupyter means."""

from __future__ import annotations

from pathlib import Path

import jupyter_core.paths
import pytest

from jupyter_mlops import home

SURROUNDINGS = [
    {},
    {"XDG_DATA_HOME": "/somewhere/share"},
    {"JUPYTER_DATA_DIR": "/data"},
    {"JUPYTER_RUNTIME_DIR": "/run/jupyter"},
    {"JUPYTER_PLATFORM_DIRS": "1"},
    {"JUPYTER_PLATFORM_DIRS": "0", "XDG_DATA_HOME": "/x"},
    {"HOME": "/home/other"},
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_the_folders_are_those_of_jupyter_core(
    surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "XDG_DATA_HOME",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTER_PLATFORM_DIRS",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert home.jupyter_data_dir() == Path(jupyter_core.paths.jupyter_data_dir())
    assert home.jupyter_runtime_dir() == Path(jupyter_core.paths.jupyter_runtime_dir())


def test_the_home_of_the_product_moves_by_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JMLOPS_HOME", "/elsewhere")
    assert home.product_home() == Path("/elsewhere")
    monkeypatch.delenv("JMLOPS_HOME")
    assert home.product_home() == home.jupyter_data_dir() / "mlops"


def test_folders_made_are_private_and_those_found_are_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    home.make_private(tmp_path / "a" / "b")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert tmp_path.stat().st_mode & 0o777 == 0o755
