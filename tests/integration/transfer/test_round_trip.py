"""From MLflow's own server through this one to another one of MLflow's: what arrives is what was there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli_site import Site
from tests.client_environments import FULL
from tests.integration.transfer.conftest import End
from tests.mlflow_server import MlflowServer, client_environment
from tests.tracking_snapshot import Reader, differences, snapshot

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
PROGRAMS = Path(__file__).resolve().parents[2] / "mlflow_clients"


@pytest.fixture(scope="module")
def python(client_python: Callable[[str], Path]) -> Path:
    return client_python(FULL)


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[End]:
    site = Site(tmp_path / "ours", serve=True)
    yield End(site)
    site.close()


@pytest.fixture
def first(python: Path, tmp_path: Path) -> Iterator[MlflowServer]:
    server = MlflowServer(python, tmp_path / "first")
    yield server.wait()
    server.stop()


@pytest.fixture
def last(python: Path, tmp_path: Path) -> Iterator[MlflowServer]:
    server = MlflowServer(python, tmp_path / "last")
    yield server.wait()
    server.stop()


def fill(python: Path, uri: str, program: str = "filled_store") -> None:
    """Run a program of MLflow's client against a store."""
    done = subprocess.run(
        [python, "-W", "ignore", PROGRAMS / f"{program}.py"],
        env=client_environment() | {"MLFLOW_TRACKING_URI": uri},
        cwd=Path(uri.removeprefix("file:")).parent if uri.startswith("file:") else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("program", ["filled_store", "autolog"])
def test_what_leaves_one_server_arrives_at_another_one(
    python: Path, first: MlflowServer, ours: End, last: MlflowServer, program: str
) -> None:
    fill(python, first.url, program)
    was = snapshot(Reader(first.url))
    done, report = ours.carries("import", "--from", first.url)
    assert (done.code, report["not_carried"]) == (0, []), done.told
    assert differences(ours.holds(), was) == ""
    done, report = ours.carries("export", "--to", last.url)
    assert (done.code, report["not_carried"]) == (0, []), done.told
    assert differences(snapshot(Reader(last.url)), was) == ""
    for arguments in (
        ("export", "--to", last.url),
        ("export", "--to", first.url),
        ("import", "--from", last.url),
    ):
        done, report = ours.carries(*arguments)
        assert done.code == 0, done.told
        assert set(report["carried"].values()) == {0}
    assert differences(snapshot(Reader(first.url)), was) == ""


def test_a_folder_and_a_server_on_it_are_carried_alike(
    python: Path, ours: End, tmp_path: Path
) -> None:
    folder = tmp_path / "mlruns"
    fill(python, f"file:{folder}")
    site = Site(tmp_path / "other", serve=True)
    server = MlflowServer(python, tmp_path / "on_folder", "--backend-store-uri", str(folder))
    try:
        _, report = End(site).carries("import", "--from", server.wait().url)
        # MLflow's server does not hand out files of such a name.
        names = {each["what"].partition(" of ")[0] for each in report["not_carried"]}
        assert names == {"file a b#ü.txt", "file model/a b#ü.txt"}
        assert {each["reason"] for each in report["not_carried"]} == {"Invalid path"}
        done, report = ours.carries("import", "--from", str(folder))
        assert (done.code, report["not_carried"]) == (0, [])
        one, other = ours.holds(), End(site).holds()
    finally:
        server.stop()
        site.close()
    for each in (one["experiments"]["wine"], other["experiments"]["wine"]):
        for holder in (*each["runs"].values(), *each["models"].values()):
            for name in ("a b#ü.txt", "model/a b#ü.txt"):
                holder["files"].pop(name, None)
    assert differences(one, other) == ""
