"""A host is thin, and the door and its start carry no weight that they do not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "jupyter_mlops"
HOST_LIMIT_LINES = 200
LIST_MODULES = "import sys, {module}; print('\\n'.join(sys.modules))"


@pytest.mark.parametrize("path", sorted((PACKAGE / "server").glob("*.py")), ids=lambda p: p.name)
def test_a_module_of_a_host_stays_thin(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < HOST_LIMIT_LINES


def modules_after_import(module: str) -> set[str]:
    code = LIST_MODULES.format(module=module)
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def top_modules_after_import(module: str) -> set[str]:
    return {name.partition(".")[0] for name in modules_after_import(module)}


def test_the_door_knows_no_web_framework_and_no_database() -> None:
    loaded = top_modules_after_import("jupyter_mlops.api.door")
    assert loaded & {"tornado", "jupyter_server", "sqlalchemy", "alembic", "papermill"} == set()


def test_the_start_of_a_server_loads_no_database_and_no_engine() -> None:
    loaded = top_modules_after_import("jupyter_mlops.server.extension")
    assert "tornado" in loaded
    assert loaded & {"sqlalchemy", "alembic", "papermill", "nbclient"} == set()


def test_the_start_of_a_server_makes_no_more_objects_than_it_needs() -> None:
    """Each thousand that are kept may be what starts a collection of all the others, and delays."""
    loaded = modules_after_import("jupyter_mlops.server.extension")
    ours = {name for name in loaded if name.startswith("jupyter_mlops.")}
    parts = {".".join(name.split(".")[1:3]) for name in ours}
    assert "server.late_core" in parts
    assert parts & {"core", "server.handlers", "server.hosted_core", "api.routing"} == set()
    assert "msgspec" not in loaded
