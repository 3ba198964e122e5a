"""Commands over recorded runs, kernels and notebooks, at a running server."""

from __future__ import annotations

import json
import sys

import pytest

from tests.cli_site import Site


@pytest.fixture(scope="module")
def run_id(site: Site) -> str:
    """Return the id of a finished run in an experiment of its own."""
    done = site.mlops("run", "train.ipynb", "--experiment", "Listed", "--wait", "--json")
    return str(json.loads(done.output)["run_id"])


def test_runs_are_listed_newest_first_and_by_experiment(site: Site, run_id: str) -> None:
    listed = site.mlops("runs", "--experiment", "listed")
    head, row = listed.output.splitlines()
    assert head.split() == ["RUN", "STATUS", "NAME", "EXPERIMENT", "CREATED", "TOOK", "METRIC"]
    assert row.split()[:4] == [run_id[:8], "FINISHED", "train", "Listed"]
    assert site.mlops("runs", "--experiment", "unheard of").code == 2
    page = json.loads(site.mlops("runs", "--last", "1", "--json").output)
    assert len(page["runs"]) == 1


def test_a_run_is_shown_by_the_beginning_of_its_id(site: Site, run_id: str) -> None:
    shown = site.mlops("show", run_id[:10])
    assert f"run        {run_id}" in shown.output
    assert "metric     loss = 0.25" in shown.output
    assert "parameter  alpha = 0.5 (default)" in shown.output
    assert "file       notes.txt (4 B)" in shown.output
    assert site.mlops("show", "zzz").code == 2
    assert site.mlops("show", "f" * 32).code == 2


def test_the_log_is_printed_and_followed_to_its_end(site: Site, run_id: str) -> None:
    assert "step 0\nstep 1\n" in site.mlops("log", run_id).output
    counting = "import time\nfor n in range(5):\n    print('count', n)\n    time.sleep(0.2)"
    site.notebook("counting.ipynb", "x = 1", counting)
    site.mlops("run", "counting.ipynb")
    assert "count 4" in site.mlops("log", "--follow", "last").output


def test_a_run_that_is_cancelled_ends_killed(site: Site) -> None:
    started = site.start("run", "long.ipynb", "--wait")
    assert started.stderr is not None
    while "RUNNING" not in started.stderr.readline():
        pass
    assert site.mlops("cancel", "last").code == 0
    output, _ = started.communicate(timeout=60)
    assert started.returncode == 3
    assert output.startswith("KILLED (cancelled)")


def test_the_parameters_of_a_notebook_are_told(site: Site) -> None:
    head, first, *_ = site.mlops("params", "train.ipynb").output.splitlines()
    assert head.split() == ["KEY", "TYPE", "DEFAULT", "HELP"]
    assert first.split() == ["alpha", "float", "0.5", "learning", "rate"]
    assert json.loads(site.mlops("params", "train.ipynb", "--json").output)["code_cells"] == 2


def test_kernels_are_listed_and_checked(site: Site) -> None:
    assert "python3" in site.mlops("kernels").output
    assert site.mlops("kernels", "--check", "python3").code == 0


def test_help_is_there_for_every_command(site: Site) -> None:
    assert site.mlops("--help").code == 0
    assert site.mlops("--version").output.strip()
    for command in (
        "run",
        "runs",
        "show",
        "log",
        "cancel",
        "trash",
        "params",
        "kernels",
        "doctor",
        "examples",
    ):
        told = site.mlops(command, "--help")
        assert told.code == 0
        assert "exit codes" in told.output
    assert site.mlops().code == 2
    assert site.mlops("dance").code == 2


def test_the_doctor_finds_a_healthy_server_and_a_home_that_is_open(site: Site) -> None:
    healthy = site.mlops("doctor")
    assert healthy.code == 0, healthy.output
    assert "a%40b/, folder" in healthy.output
    open_home = site.folder / "open"
    open_home.mkdir()
    open_home.chmod(0o755)
    told = site.mlops("doctor", JMLOPS_HOME=str(open_home))
    assert told.code == 4
    assert f"wrong home {open_home} is open to other users" in told.output
    (site.folder / "file").touch()
    broken = site.mlops("doctor", JMLOPS_HOME=str(site.folder / "file" / "home"))
    assert broken.code == 4
    assert "Set JMLOPS_HOME" in broken.output


def test_the_examples_are_copied_to_a_new_folder_and_never_over_another(site: Site) -> None:
    target = site.folder / "examples"
    assert site.mlops("examples", str(target)).code == 0
    copies = [json.loads(path.read_bytes()) for path in target.glob("*.ipynb")]
    assert len(copies) >= 3
    # JupyterLab would write its kernel's version into them, and call them changed.
    versions = {copy["metadata"]["language_info"]["version"] for copy in copies}
    assert versions == {sys.version.split()[0]}
    again = site.mlops("examples", str(target))
    assert again.code == 2
    assert "not an empty folder" in again.told
