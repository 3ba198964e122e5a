"""A server whose file browser has another root folder than the server itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_site import Site


@pytest.fixture
def inner_site(tmp_path: Path) -> Iterator[Site]:
    inner = tmp_path / "root" / "inner"
    inner.mkdir(parents=True)
    config = f"c.FileContentsManager.root_dir = {str(inner)!r}\n"
    site = Site(tmp_path, serve=True, config=config)
    site.notebook("inner/train.ipynb", "alpha = 0.5")
    site.notebook("outer.ipynb", "beta = 0.5")
    yield site
    site.close()
    assert list((tmp_path / "runtime").glob("*jpserver-*.json")) == []


def test_paths_are_found_from_wherever_a_command_is_typed(inner_site: Site) -> None:
    inner = inner_site.root / "inner"
    for where, typed in ((inner, "train.ipynb"), (inner_site.root, "inner/train.ipynb")):
        done = inner_site.mlops("params", typed, "--json", where=where)
        assert done.code == 0, done.told
        assert json.loads(done.output)["path"] == "train.ipynb"


def test_a_notebook_outside_of_it_is_run_by_the_command_itself(inner_site: Site) -> None:
    done = inner_site.mlops("run", "outer.ipynb", "--wait", where=inner_site.root)
    assert done.code == 0, done.told
    assert json.loads(inner_site.mlops("runs", "--json").output)["runs"][0]["notebook"] == (
        "outer.ipynb"
    )
