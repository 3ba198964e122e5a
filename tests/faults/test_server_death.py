"""Runs outlive their server: killed or restarted at any moment, it finds them again."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.runs import Reason, RunStatus
from tests.core_server import CoreServer
from tests.run_processes import processes_of, reaper_of
from tests.workspace import Workspace, until

COUNT = """
from jupyter_mlops import log_metric
import time
for step in range(60):
    log_metric("loss", step / 2, step=step)
    time.sleep(0.05)
"""
FAMILY = """
import os, psutil, shutil
run_id = os.environ["JMLOPS_RUN_ID"]
shutil.copy(os.path.join(os.environ["JMLOPS_RUN_DIR"], "reaper.json"), f"{run_id}.reaper")
with open(run_id, "a") as file:
    print(*(process.pid for process in psutil.Process().parents()), file=file)
"""
SLEEP = "import time\ntime.sleep(120)"


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_outlives_its_server_and_no_metric_is_lost_or_doubled(
    workspace: Workspace, signal_number: int
) -> None:
    path = workspace.notebook("count.ipynb", COUNT)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        reaper_of(workspace, run_id)
        time.sleep(1.0)
        server.kill(signal_number)
    workspace.open_core()
    run = workspace.ended(run_id)
    assert run.status is RunStatus.FINISHED, run.message
    history = workspace.ask("GET", f"runs/{run_id}/metrics", key="loss")
    assert history.steps == list(range(60))
    assert history.values == [step / 2 for step in range(60)]


def test_a_run_that_ended_while_no_server_was_there_is_taken_in_later(
    workspace: Workspace,
) -> None:
    path = workspace.notebook(
        "quick.ipynb", "from jupyter_mlops import log_metric\nlog_metric('a', 1)"
    )
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        reaper_of(workspace, run_id)
        server.kill()
    result = workspace.home / "runs" / run_id / "result.json"
    until(result.exists, "the reaper to write the result")
    workspace.open_core()
    run = workspace.ended(run_id)
    assert run.status is RunStatus.FINISHED
    assert run.metrics[0].value == 1


def test_an_adopted_run_can_be_cancelled(workspace: Workspace) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        reaper_of(workspace, run_id)
        server.kill()
    workspace.open_core()
    workspace.running(run_id)
    workspace.cancel(run_id)
    run = workspace.ended(run_id)
    assert (run.status, run.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert processes_of(run_id) == []


def test_a_run_whose_reaper_was_killed_is_lost_and_its_processes_are_swept(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    workspace.open_core()
    run_id = workspace.submit(path).run_id
    workspace.running(run_id)
    assert len(processes_of(run_id)) >= 2
    os.kill(reaper_of(workspace, run_id), signal.SIGKILL)
    run = workspace.ended(run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    assert "killed" in (run.message or "")
    until(lambda: processes_of(run_id) == [], "the processes to go")


def test_a_run_whose_directory_was_removed_ends_and_leaves_no_process(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    workspace.open_core()
    run_id = workspace.submit(path).run_id
    workspace.running(run_id)
    assert len(processes_of(run_id)) >= 2
    (workspace.home / "runs" / run_id).rename(workspace.home.parent / "taken-away")
    run = workspace.ended(run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    until(lambda: processes_of(run_id) == [], "the processes to go")


def test_a_reaper_whose_directory_was_removed_ends_its_run_though_no_server_is_there(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        reaper_of(workspace, run_id)
        server.kill()
    assert len(processes_of(run_id)) >= 1
    (workspace.home / "runs" / run_id).rename(workspace.home.parent / "taken-away")
    until(lambda: processes_of(run_id) == [], "the processes to go")


def test_a_directory_made_anew_under_the_name_of_a_removed_one_does_not_hide_that(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        reaper_of(workspace, run_id)
        server.kill()
    directory = workspace.home / "runs" / run_id
    directory.rename(workspace.home.parent / "taken-away")
    (directory / "spool").mkdir(parents=True)
    until(lambda: processes_of(run_id) == [], "the processes to go")
    assert not (directory / "result.json").exists()


def test_a_run_from_before_a_restart_of_the_machine_is_lost_with_that_reason(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        pid = reaper_of(workspace, run_id)
        until((workspace.home / "runs" / run_id / "heartbeat").exists, "the heartbeat")
        server.kill()
    identity = workspace.home / "runs" / run_id / "reaper.json"
    for process in [pid, *processes_of(run_id)]:
        psutil.Process(process).kill()
    text = identity.read_text()
    boot = text.split('"boot_id":"')[1].split('"')[0]
    identity.write_text(text.replace(boot, "another-boot"))
    heartbeat = identity.with_name("heartbeat")
    os.utime(heartbeat, (time.time() - 60, time.time() - 60))
    workspace.open_core()
    run = workspace.ended(run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    assert "was restarted" in (run.message or "")


def test_a_run_in_a_container_beside_this_one_is_left_alone_while_its_heart_beats(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("count.ipynb", COUNT)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path)
        reaper_of(workspace, run_id)
        server.kill()
    until((workspace.home / "runs" / run_id / "heartbeat").exists, "the heartbeat")
    identity = workspace.home / "runs" / run_id / "reaper.json"
    text = identity.read_text()
    boot = text.split('"boot_id":"')[1].split('"')[0]
    identity.write_text(text.replace(boot, "another-container"))
    workspace.open_core()
    assert workspace.ended(run_id).status is RunStatus.FINISHED


def test_a_queued_run_survives_the_server_and_starts_with_the_next(workspace: Workspace) -> None:
    sleeping = workspace.notebook("sleep.ipynb", SLEEP)
    quick = workspace.notebook("quick.ipynb", "1 + 1")
    with CoreServer(workspace.root, workspace.home) as server:
        blockers = [server.submit(notebook=sleeping) for _ in range(2)]
        waiting = server.submit(notebook=quick)
        for run_id in blockers:
            reaper_of(workspace, run_id)
        server.kill()
    workspace.open_core()
    assert workspace.run(waiting).status is RunStatus.SCHEDULED
    for run_id in blockers:
        workspace.cancel(run_id)
    assert workspace.ended(waiting).status is RunStatus.FINISHED


def test_a_queued_run_whose_secret_died_with_its_server_is_refused(workspace: Workspace) -> None:
    sleeping = workspace.notebook("sleep.ipynb", SLEEP)
    secret = workspace.notebook("secret.ipynb", "print(len(token))", parameters="token = ''")
    with CoreServer(workspace.root, workspace.home) as server:
        blockers = [server.submit(notebook=sleeping) for _ in range(2)]
        waiting = server.submit(notebook=secret, parameters={"token": "canary-1234567890"})
        for run_id in blockers:
            reaper_of(workspace, run_id)
        server.kill()
    workspace.open_core()
    for run_id in blockers:
        workspace.cancel(run_id)
    run = workspace.ended(waiting)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.REFUSED)
    assert "Secret lost" in (run.message or "")


@contextmanager
def one_dispatches(workspace: Workspace, other: CoreServer) -> Iterator[list[tuple[bool, bool]]]:
    """Ask both servers all the time who dispatches; give the answers."""
    answers: list[tuple[bool, bool]] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            ours = workspace.ask("GET", "status").dispatching
            answers.append((ours, other.dispatching()))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield answers
    finally:
        stop.set()
        watcher.join()


def test_two_servers_share_a_store_one_dispatches_and_each_run_is_launched_once(
    workspace: Workspace,
) -> None:
    notebook = workspace.notebook("family.ipynb", FAMILY, parameters="token = ''")
    workspace.open_core()
    until(lambda: workspace.ask("GET", "status").dispatching, "the first to lead")
    with CoreServer(workspace.root, workspace.home) as other:
        ours, theirs, secret = [], [], []
        for number in range(3):
            ours.append(workspace.submit(notebook).run_id)
            theirs.append(other.submit(notebook=notebook))
            if number % 2:
                given = {"token": f"canary-{number}-1234567890"}
                secret.append(other.submit(notebook=notebook, parameters=given))
        with one_dispatches(workspace, other) as answers:
            for run_id in (*ours, *theirs, *secret):
                assert workspace.ended(run_id).status is RunStatus.FINISHED
        assert set(answers) == {(True, False)}
        # Who holds the secret launches; all else does the one that dispatches.
        for run_id in (*ours, *theirs):
            assert launches(workspace, run_id) == [os.getpid()]
        for run_id in secret:
            assert launches(workspace, run_id) == [other.pid]
        workspace.close()
        until(other.dispatching, "the other to lead")
        after = other.submit(notebook=notebook)
        workspace.open_core()
        assert workspace.ended(after).status is RunStatus.FINISHED
        assert launches(workspace, after) == [other.pid]
        log = workspace.events()
    for run_id in (*ours, *theirs, *secret, after):
        told = [event.type for event in log if event.subject == run_id]
        assert told.count(EventType.RUN_STARTED) == 1
        assert told.count(EventType.RUN_ENDED) == 1


def launches(workspace: Workspace, run_id: str) -> list[int]:
    """Return the server that launched a run, once for each time that its cells ran."""
    path = workspace.root / run_id
    servers = []
    for line in path.read_text().splitlines():
        pids = [int(pid) for pid in line.split()]
        # Kernel and worker, reaper, launcher: the launcher's parent is the server.
        reaper = json.loads((workspace.root / f"{run_id}.reaper").read_text())["pid"]
        servers.append(pids[pids.index(reaper) + 2])
    return servers
