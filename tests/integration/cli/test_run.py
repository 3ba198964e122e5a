"""`jupyter mlops run` over a running server: exit codes tell the outcome, errors name the input."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import interrupts
from tests.cli_site import Site
from tests.workspace import until


def test_a_finished_run_exits_with_0_and_shows_its_metrics(site: Site) -> None:
    done = site.mlops("run", "train.ipynb", "-p", "alpha", "0.1", "--experiment", "wine", "--wait")
    assert done.code == 0, done.told
    assert done.output.startswith("FINISHED after ")
    assert "loss: 0.05" in done.output


def test_values_may_begin_with_a_dash(site: Site) -> None:
    done = site.mlops(
        "run", "train.ipynb", "-p", "alpha", "-1e-1", "-p", "label", "--x", "--tag", "a", "-b",
        "--wait", "--json",
    )  # fmt: skip
    run = json.loads(done.output)
    given = {p["key"]: p["value"] for p in run["parameters"] if p["origin"] == "given"}
    assert given == {"alpha": -0.1, "label": "--x"}
    assert run["tags"] == [{"key": "a", "value": "-b"}]


def test_a_failed_run_exits_with_1_and_says_where_and_why(site: Site) -> None:
    done = site.mlops("run", "fail.ipynb", "--wait")
    assert done.code == 1
    assert done.output.startswith("FAILED (cell_error)")
    assert "cell 2: ValueError: bad" in done.told
    assert "\x1b" not in done.output + done.told


def test_a_run_over_its_time_limit_exits_with_1(site: Site) -> None:
    done = site.mlops("run", "long.ipynb", "--time-limit", "1", "--wait")
    assert done.code == 1
    assert done.output.startswith("FAILED (time_limit)")


@pytest.mark.parametrize(("flag", "wanted"), [("--autolog", True), ("--no-autolog", False)])
def test_a_flag_says_whether_mlflow_logs_by_itself(site: Site, flag: str, *, wanted: bool) -> None:
    done = site.mlops("run", "train.ipynb", flag, "--json")
    assert done.code == 0, done.told
    assert json.loads(done.output)["autolog"] is wanted


def test_json_is_the_run_of_the_contract(site: Site) -> None:
    done = site.mlops(
        "run", "train.ipynb", "-p", "label", "0.10", "--name", "n", "--tag", "a", "b",
        "--wait", "--json",
    )  # fmt: skip
    run = json.loads(done.output)
    assert run["status"] == "FINISHED"
    assert (run["name"], run["tags"]) == ("n", [{"key": "a", "value": "b"}])
    # Text for a text parameter stays as it was typed.
    assert [p["value"] for p in run["parameters"] if p["key"] == "label"] == ["0.10"]


def test_copies_of_executed_notebooks_are_kept_in_a_folder_under_names_of_their_own(
    site: Site,
) -> None:
    for where, typed, saved in (
        (site.root, "results/today", "results/today/train-executed.ipynb"),
        (site.root / "deep", "../results/today", "results/today/train-executed-2.ipynb"),
        (site.root, ".", "train-executed.ipynb"),
    ):
        done = site.mlops(
            "run", str(site.root / "train.ipynb"), "--save-to-folder", typed, "--wait", "--json",
            where=where,
        )  # fmt: skip
        assert json.loads(done.output)["save_to"] == saved, done.told
        assert (site.root / saved).is_file()


def test_without_wait_the_command_returns_at_once_and_the_run_goes_on(site: Site) -> None:
    run = json.loads(site.mlops("run", "long.ipynb", "--json").output)
    assert run["status"] in ("SCHEDULED", "RUNNING")
    shown = json.loads(site.mlops("show", run["run_id"], "--json").output)
    assert shown["status"] in ("SCHEDULED", "RUNNING")
    assert site.mlops("cancel", run["run_id"]).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["train.ipynb", "-p", "alphaa", "1"], "alphaa: This notebook has no such parameter"),
        (["train.ipynb", "-p", "steps", "many"], "steps must be a whole number"),
        (["missing.ipynb"], "There is no notebook"),
        (["../outside.ipynb"], "lies outside of"),
        (["train.ipynb", "--kernel", "nope"], "not installed"),
        (["train.ipynb", "--save-to-folder", "../out"], "save_to_folder: ../out lies outside of"),
        (["train.ipynb", "--save-to", "a.ipynb", "--save-to-folder", "b"], "not allowed with"),
        (["train.ipynb", "--time-limit", "-1"], "time"),
        (["train.ipynb", "--time-limit", "soon"], "invalid float value"),
        (["train.ipynb", "-p", "alpha"], "expected 2 arguments"),
        ([], "required: notebook"),
    ],
)
def test_bad_input_exits_with_2_and_names_the_input(
    site: Site, arguments: list[str], told: str
) -> None:
    done = site.mlops("run", *arguments)
    assert done.code == 2, done.told
    assert told in done.told
    assert "Traceback" not in done.told


def test_a_notebook_is_found_from_any_folder_and_under_any_name(site: Site) -> None:
    for where, typed in (
        (site.root / "deep", "my notes é.ipynb"),
        (site.folder, "root/deep/my notes é.ipynb"),
        (Path("/"), str(site.root / "deep" / "my notes é.ipynb")),
        # As the file browser shows it, from elsewhere.
        (Path("/"), "deep/my notes é.ipynb"),
    ):
        done = site.mlops("run", typed, "--wait", "--json", where=where)
        assert done.code == 0, done.told
        assert json.loads(done.output)["notebook"] == "deep/my notes é.ipynb"


def test_a_named_server_is_used_with_its_token(site: Site, tmp_path: Path) -> None:
    assert site.host is not None
    url = f"http://{site.host.netloc}/a%40b/"
    nobody = {"JUPYTER_RUNTIME_DIR": str(tmp_path), "where": tmp_path}
    done = site.mlops(
        "run", "train.ipynb", "--wait", "--server", url, "--token", "owner-7f3a", **nobody
    )  # type: ignore[arg-type]
    assert done.code == 0, done.told
    refused = site.mlops("runs", "--server", url, "--token", "wrong", **nobody)  # type: ignore[arg-type]
    assert refused.code == 4
    by_variable = site.mlops("runs", "--server", url, JUPYTER_TOKEN="owner-7f3a")
    assert by_variable.code == 0
    away = site.mlops("runs", "--server", "http://127.0.0.1:1/")
    assert away.code == 4
    assert "does not answer" in away.told
    assert site.mlops("runs", "--server", "ftp://127.0.0.1/").code == 2


def interrupted(
    site: Site, times: int, meanwhile: Callable[[], None] = lambda: None
) -> tuple[int, str]:
    """Run the long notebook in a terminal and press Ctrl-C; ``meanwhile`` is before the last time."""
    own, terminal = pty.openpty()
    with interrupts.heard():
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_mlops.cli", "run", "long.ipynb", "--wait"],
            cwd=site.root,
            env=site.environment(TERM="xterm"),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
    os.close(terminal)
    shown = b""
    try:
        for number, awaited in enumerate((b"1/2 cells", b"Press Ctrl-C again")[:times], 1):
            while awaited not in shown:
                shown += os.read(own, 4096)
            if number == times:
                meanwhile()
            process.send_signal(signal.SIGINT)
        while True:
            try:
                shown += os.read(own, 4096)
            except OSError:  # Linux says so when the terminal's other end is closed
                break
        return process.wait(60), shown.decode()
    finally:
        process.kill()
        os.close(own)


def test_one_interrupt_leaves_the_run_going(site: Site) -> None:
    code, shown = interrupted(site, 1)
    assert code == 130
    assert "The run goes on" in shown
    assert "━" in shown
    last = json.loads(site.mlops("show", "last", "--json").output)
    assert last["status"] == "RUNNING"
    site.mlops("cancel", "last")


def test_a_second_interrupt_cancels_it_and_exits_with_3(site: Site) -> None:
    code, shown = interrupted(site, 2)
    assert code == 3
    assert "KILLED (cancelled)" in shown


def test_a_second_interrupt_of_a_run_that_has_just_ended_tells_how_it_ended(site: Site) -> None:
    host = site.host
    assert host is not None

    def end_it() -> None:
        newest = host.request("GET", "runs?limit=1").json()["runs"][0]["run_id"]
        host.request("POST", f"runs/{newest}/cancel")
        until(
            lambda: host.request("GET", f"runs/{newest}").json()["status"] == "KILLED",
            "the end of the run",
        )

    code, shown = interrupted(site, 2, end_it)
    assert code == 3
    assert "Cancelling the run" in shown
    assert "KILLED (cancelled)" in shown


def test_a_value_that_is_asked_for_is_never_shown(site: Site) -> None:
    notebook = site.notebook("secret.ipynb", "api_token = None", "print(len(api_token))")
    child, own = pty.fork()
    if child == 0:
        os.chdir(site.root)
        os.execve(  # noqa: S606 - a process with this terminal as its own is the point
            sys.executable,
            [sys.executable, "-m", "jupyter_mlops.cli", "run", notebook, "--ask", "api_token",
             "--wait"],
            site.environment(TERM="xterm"),
        )  # fmt: skip
    shown = b""
    while b"api_token: " not in shown:
        shown += os.read(own, 4096)
    os.write(own, b"hunter22secret\n")
    while True:
        try:
            shown += os.read(own, 4096)
        except OSError:  # Linux says so when the terminal's other end is closed
            break
    _, status = os.waitpid(child, 0)
    os.close(own)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert b"hunter22secret" not in shown
    last = site.mlops("show", "last", "--json").output
    assert "hunter22secret" not in last
    assert json.loads(last)["parameters"][0]["value"] == "***"
    assert "14" in site.mlops("log", "last").output
