"""Runs that scripts and interactive notebooks open themselves, taken in by the core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from jupyter_mlops.domain.runs import Reason, Run, RunStatus
from tests.workspace import Workspace, until

SCRIPT = """
import sys, time
from jupyter_mlops import log_metric, log_param, log_text, set_tag, start_run
with start_run("tuning", name="by hand"):
    log_param("depth", 3)
    set_tag("stage", "draft")
    for step in range(1000):
        log_metric("loss", step / 4, step=step)
    log_text("words", "notes/words.txt")
    print("logged", flush=True)
    sys.stdin.readline()
"""
FAILING = SCRIPT.replace("sys.stdin.readline()", "raise ValueError('too deep')")


def start(workspace: Workspace, program: str) -> subprocess.Popen[bytes]:
    """Start a script as its user would, in a process that knows the home."""
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "JMLOPS_HOME": str(workspace.home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    """Let the script go on to its end."""
    process.communicate(b"\n", timeout=60)


def only_run(workspace: Workspace) -> Run | None:
    """Return the one run there is, or None while there is none."""
    page = workspace.page()
    return workspace.run(page.runs[0].run_id) if page.runs else None


def test_a_script_is_tracked_while_it_runs_and_when_it_ends(workspace: Workspace) -> None:
    script = start(workspace, SCRIPT)
    run = until(lambda: only_run(workspace), "the run of the script")
    assert (run.status, run.source_type) == (RunStatus.RUNNING, "script")
    finish(script)
    run = workspace.ended(run.run_id)
    assert (run.status, run.name, run.experiment) == (RunStatus.FINISHED, "by hand", "tuning")
    assert [(metric.key, metric.value, metric.count) for metric in run.metrics] == [
        ("loss", 249.75, 1000)
    ]
    assert [(item.key, item.value) for item in run.parameters] == [("depth", 3)]
    assert [(tag.key, tag.value) for tag in run.tags] == [("stage", "draft")]
    files = workspace.artifacts(run.run_id)
    assert [file.path for file in files] == ["notes/words.txt"]


def test_a_script_that_fails_leaves_a_failed_run_with_its_error(workspace: Workspace) -> None:
    finish(start(workspace, FAILING))
    run = until(lambda: only_run(workspace), "the run of the script")
    run = workspace.ended(run.run_id)
    assert run.status is RunStatus.FAILED
    assert "too deep" in (run.message or "")


def test_a_script_that_is_killed_leaves_a_lost_run_with_all_that_it_logged(
    workspace: Workspace,
) -> None:
    script = start(workspace, SCRIPT)
    assert script.stdout is not None
    assert script.stdout.readline() == b"logged\n"
    script.send_signal(signal.SIGKILL)
    script.communicate()
    run = until(lambda: only_run(workspace), "the run of the script")
    run = workspace.ended(run.run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    assert run.metrics[0].count == 1000


def test_what_a_script_logged_while_no_server_was_there_is_taken_in_later(
    workspace: Workspace,
) -> None:
    workspace.close()
    finish(start(workspace, SCRIPT))
    time.sleep(0.5)
    workspace.open_core()
    run = until(lambda: only_run(workspace), "the run of the script")
    assert workspace.ended(run.run_id).metrics[0].count == 1000
