"""What users install: everything that is needed, nothing that is not, and light to import."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path

import pytest

from jupyter_mlops.server.kernel_provisioner import NAME, MLOpsProvisioner
from tests.packaging.conftest import ROOT
from tests.packaging.environments import Environment


@pytest.fixture
def held(wheel: Path) -> dict[str, bytes]:
    """The files of the wheel; those that are installed beside the package are below `data/`."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name: archive.read(name) for name in archive.namelist()}
    return {name.split(".data/", 1)[-1]: content for name, content in names.items()}


def test_the_wheel_holds_the_whole_package_with_its_migrations(held: dict[str, bytes]) -> None:
    package = ROOT / "jupyter_mlops"
    expected = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.yaml", "py.typed")
        for path in package.rglob(pattern)
    }
    assert "jupyter_mlops/store/migrations/versions/v0001_first.py" in expected
    assert "jupyter_mlops/server/events/changed.yaml" in expected
    assert {name for name in held if name.startswith("jupyter_mlops/")} == expected


def test_the_wheel_holds_a_lab_extension_whose_parts_are_all_there(held: dict[str, bytes]) -> None:
    folder = "data/share/jupyter/labextensions/jupyter-mlops/"
    described = json.loads(held[f"{folder}package.json"])
    built = described["jupyterlab"]["_build"]
    assert folder + built["load"] in held
    assert f"{folder}static/style.js" in held
    assert f"{folder}schemas/jupyter-mlops/plugin.json" in held
    assert json.loads(held[f"{folder}install.json"])["packageName"] == "jupyter-mlops"
    assert not [name for name in held if name.endswith((".map", ".ts", ".tsx"))]


def test_the_wheel_switches_the_server_extension_on(held: dict[str, bytes]) -> None:
    config = json.loads(held["data/etc/jupyter/jupyter_server_config.d/jupyter_mlops.json"])
    assert config["ServerApp"]["jpserver_extensions"] == {"jupyter_mlops": True}


def test_the_wheel_names_what_starts_kernels(held: dict[str, bytes]) -> None:
    (described,) = [text for name, text in held.items() if name.endswith("/entry_points.txt")]
    points = ConfigParser()
    points.read_string(described.decode())
    provisioners = dict(points["jupyter_client.kernel_provisioners"])
    ours = f"{MLOpsProvisioner.__module__}:{MLOpsProvisioner.__name__}"
    assert provisioners == {NAME: ours}


def test_the_wheel_holds_the_examples(held: dict[str, bytes]) -> None:
    for example in (ROOT / "examples").iterdir():
        if example.suffix in (".ipynb", ".md"):
            assert held[f"data/share/jupyter_mlops/examples/{example.name}"] == example.read_bytes()


def test_the_wheel_holds_no_tests_and_nothing_of_the_development(held: dict[str, bytes]) -> None:
    tops = {name.split("/", 1)[0] for name in held}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"jupyter_mlops", "data"}
    assert {name.split("/")[1] for name in held if name.startswith("data/")} == {"etc", "share"}
    assert not [name for name in held if "test" in name.lower() or "node_modules" in name]


def test_notebooks_and_scripts_need_the_wheel_alone(
    wheel: Path, new_environment: Callable[..., Environment]
) -> None:
    environment = new_environment()
    environment.install("--no-index", "--no-deps", str(wheel))
    script = (
        "import json, sys\n"
        "import jupyter_mlops\n"
        "print(json.dumps(sorted(sys.modules)))\n"
        "with jupyter_mlops.start_run(experiment='wine'):\n"
        "    jupyter_mlops.log_metric('loss', 0.5)\n"
        "    jupyter_mlops.log_text('words', 'notes.txt')\n"
    )
    modules = json.loads(environment.run("python", "-W", "error", "-c", script).splitlines()[0])
    assert not [name for name in modules if name.partition(".")[0] in {"tornado", "sqlalchemy"}]
    assert list((environment.folder / "state" / "home" / "runs").iterdir()), "a run was logged"
    version = json.loads((ROOT / "package.json").read_bytes())["version"]
    assert environment.run("jupyter-mlops", "--version").strip() == version
