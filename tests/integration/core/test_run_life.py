"""The life of a run through the composed core: real store, launcher, reaper and kernel."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from jupyter_mlops.domain.errors import (
    Conflict,
    InvalidName,
    InvalidParameter,
    InvalidRequest,
    KernelUnavailable,
    NotFound,
)
from jupyter_mlops.domain.runs import Reason, Rerun, RunChange, RunStatus
from tests.workspace import Workspace, until

TRAIN = """
from jupyter_mlops import log_metric, log_metrics, set_tag, log_text
for step in range(5):
    log_metric("loss", 1.0 / (step + 1), step=step)
log_metrics({"accuracy": 0.9})
set_tag("stage", "trial")
log_text("hello", "notes/hello.txt")
print("alpha is", alpha)
"""


def test_a_notebook_runs_with_parameters_and_its_record_is_complete(workspace: Workspace) -> None:
    path = workspace.notebook("train.ipynb", TRAIN, parameters="alpha = 0.5  # how much")
    before = hashlib.sha256((workspace.root / path).read_bytes()).hexdigest()
    queued = workspace.submit(path, parameters={"alpha": 0.1}, experiment="wine")
    assert queued.status is RunStatus.SCHEDULED
    run = workspace.ended(queued.run_id)
    assert (run.status, run.reason, run.message) == (RunStatus.FINISHED, None, None)
    assert run.experiment == "wine"
    assert [(p.key, p.value) for p in run.parameters] == [("alpha", 0.1)]
    metrics = {metric.key: (metric.value, metric.count) for metric in run.metrics}
    assert metrics == {"loss": (0.2, 5), "accuracy": (0.9, 1)}
    assert [(tag.key, tag.value) for tag in run.tags] == [("stage", "trial")]
    assert [a.path for a in workspace.artifacts(run.run_id)] == ["notes/hello.txt"]
    assert "alpha is 0.1" in workspace.ask("GET", f"runs/{run.run_id}/log").text
    outputs = workspace.executed(run.run_id).cells[-1].outputs
    assert outputs[0].text == "alpha is 0.1\n"
    states = [cell.state.value for cell in workspace.ask("GET", f"runs/{run.run_id}/cells").cells]
    assert set(states) == {"completed"}
    environment = workspace.ask("GET", f"runs/{run.run_id}/environment")
    assert any(package.name.lower() == "ipykernel" for package in environment.packages)
    assert hashlib.sha256((workspace.root / path).read_bytes()).hexdigest() == before
    until(lambda: not list((workspace.home / "runs").iterdir()), "the run directory to go")


def test_metrics_can_be_read_while_the_run_is_on(workspace: Workspace) -> None:
    path = workspace.notebook(
        "long.ipynb",
        "from jupyter_mlops import log_metric\nlog_metric('loss', 0.5)\nimport time\ntime.sleep(60)",
    )
    run_id = workspace.submit(path).run_id
    run = until(lambda: run if (run := workspace.run(run_id)).metrics else None, "a metric")
    assert run.status is RunStatus.RUNNING
    assert run.metrics[0].value == 0.5
    workspace.cancel(run_id)
    ended = workspace.ended(run_id)
    assert (ended.status, ended.reason) == (RunStatus.KILLED, Reason.CANCELLED)


def test_a_failing_cell_is_named_and_the_cells_after_it_do_not_run(workspace: Workspace) -> None:
    path = workspace.notebook("bad.ipynb", "x = 1", "1 / 0", "print('never')")
    run = workspace.ended(workspace.submit(path).run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.CELL_ERROR)
    assert run.progress.failing_cell == 1
    assert "ZeroDivisionError" in (run.message or "")
    assert workspace.executed(run.run_id).cells[2].outputs == []


def test_a_time_limit_ends_a_run_with_its_reason(workspace: Workspace) -> None:
    path = workspace.notebook("slow.ipynb", "import time\ntime.sleep(60)")
    run = workspace.ended(workspace.submit(path, time_limit=1.0).run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.TIME_LIMIT)


def test_a_run_works_in_the_folder_of_its_notebook(workspace: Workspace) -> None:
    path = workspace.notebook("deep/er/here.ipynb", "from beside import word\nprint(word)")
    (workspace.root / "deep/er/beside.py").write_text("word = open('data.txt').read()")
    (workspace.root / "deep/er/data.txt").write_text("relative data")
    run = workspace.ended(workspace.submit(path).run_id)
    assert run.status is RunStatus.FINISHED, run.message
    assert workspace.executed(run.run_id).cells[0].outputs[0].text == "relative data\n"


def test_no_more_runs_go_at_once_than_allowed_and_the_queue_has_an_order(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("wait.ipynb", "import time\ntime.sleep(60)")
    ids = [workspace.submit(path).run_id for _ in range(4)]
    until(
        lambda: (
            [workspace.run(run_id).status.value for run_id in ids]
            == ["RUNNING", "RUNNING", "SCHEDULED", "SCHEDULED"]
        ),
        "two runs to go and two to wait",
    )
    assert [workspace.run(run_id).queue_position for run_id in ids[2:]] == [1, 2]
    for run_id in reversed(ids):
        workspace.cancel(run_id)
    assert {workspace.ended(run_id).status for run_id in ids} == {RunStatus.KILLED}


def test_a_repeat_takes_the_recorded_source_though_the_file_changed(workspace: Workspace) -> None:
    path = workspace.notebook("again.ipynb", "print('first', n)", parameters="n = 1")
    first = workspace.ended(workspace.submit(path, parameters={"n": 2}).run_id)
    workspace.notebook("again.ipynb", "print('changed', n)", parameters="n = 1")
    again = workspace.rerun(first.run_id, parameters={"n": 3})
    run = workspace.ended(again.run_id)
    assert run.rerun_of == first.run_id
    assert workspace.executed(run.run_id).cells[-1].outputs[0].text == "first 3\n"


def test_a_secret_reaches_the_kernel_and_nothing_that_is_stored(workspace: Workspace) -> None:
    canary = "canary-3f9a27c1d5"
    path = workspace.notebook(
        "secret.ipynb",
        "import base64\nprint('length', len(api_key), api_key)\n"
        "print(base64.b64encode(api_key.encode()).decode())",
        parameters="api_key = ''",
    )
    run = workspace.ended(workspace.submit(path, parameters={"api_key": canary}).run_id)
    assert run.status is RunStatus.FINISHED, run.message
    assert "length 17" in str(workspace.executed(run.run_id).cells)
    assert [(p.value, p.secret) for p in run.parameters] == [("***", True)]
    assert run.secrets_masked >= 2
    found = [
        file.name
        for file in workspace.home.rglob("*")
        if file.is_file() and canary.encode() in file.read_bytes()
    ]
    assert found == []
    with pytest.raises(InvalidRequest) as refused:
        workspace.rerun(run.run_id)
    assert refused.value.field == "parameters.api_key"


def test_the_same_idempotency_key_gives_the_same_run(workspace: Workspace) -> None:
    path = workspace.notebook("once.ipynb", "1")
    first = workspace.submit(path, request_key="key-1")
    second = workspace.submit(path, request_key="key-1")
    assert first.run_id == second.run_id
    workspace.ended(first.run_id)


def test_a_key_that_was_used_for_another_request_is_refused(workspace: Workspace) -> None:
    path = workspace.notebook("once.ipynb", "1", parameters="n = 1\ntoken = ''")
    secret = {"n": 1, "token": "canary-0123456789"}
    first = workspace.submit(path, parameters=secret, request_key="key-2")
    again = workspace.submit(path, parameters=secret, request_key="key-2")
    assert again.run_id == first.run_id
    with pytest.raises(Conflict):
        workspace.submit(path, parameters={**secret, "n": 2}, request_key="key-2")
    with pytest.raises(Conflict):
        workspace.ask("POST", f"runs/{first.run_id}/rerun", Rerun(), request_key="key-2")
    workspace.ended(first.run_id)


def test_a_name_in_braces_is_a_name_all_the_way(workspace: Workspace) -> None:
    path = workspace.notebook("a{b}.ipynb", "print(alpha)", parameters="alpha = 1")
    run = workspace.submit(path, parameters={"alpha": 7}, save_to_folder="{alpha}")
    ended = workspace.ended(run.run_id)
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    assert (ended.name, ended.notebook) == ("a{b}", path)
    assert ended.save_to == "{alpha}/a{b}-executed.ipynb"
    assert (workspace.root / str(ended.save_to)).is_file()
    assert workspace.executed(run.run_id).cells[-1].outputs[0].text == "7\n"
    again = workspace.rerun(run.run_id)
    assert workspace.ended(again.run_id).status is RunStatus.FINISHED


def test_a_run_whose_code_logs_parameters_can_be_repeated(workspace: Workspace) -> None:
    code = "from jupyter_mlops import log_param\nlog_param('depth', n * 2)"
    path = workspace.notebook("logs.ipynb", code, parameters="n = 1")
    first = workspace.ended(workspace.submit(path, parameters={"n": 2}).run_id)
    assert [(p.key, p.value, p.origin) for p in first.parameters] == [
        ("n", 2, "given"),
        ("depth", 4, "logged"),
    ]
    again = workspace.rerun(first.run_id, parameters={"n": 5})
    run = workspace.ended(again.run_id)
    assert [(p.key, p.value) for p in run.parameters] == [("n", 5), ("depth", 10)]


def test_a_wrong_parameter_is_refused_with_its_name(workspace: Workspace) -> None:
    path = workspace.notebook("typed.ipynb", "1", parameters="alpha: float = 0.5")
    with pytest.raises(InvalidParameter) as refused:
        workspace.submit(path, parameters={"alpha": "much"})
    assert refused.value.field == "parameters.alpha"
    with pytest.raises(InvalidParameter) as refused:
        workspace.submit(path, parameters={"alhpa": 0.5})
    assert refused.value.field == "parameters.alhpa"


def test_an_empty_kernel_or_experiment_is_not_taken_for_the_usual_one(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("train.ipynb", "pass")
    with pytest.raises(KernelUnavailable) as no_kernel:
        workspace.submit(path, kernel_name="")
    with pytest.raises(InvalidName) as no_experiment:
        workspace.submit(path, experiment="")
    assert (no_kernel.value.field, no_experiment.value.field) == ("kernel_name", "experiment")
    assert workspace.page().runs == []


def test_a_change_that_names_nothing_is_refused_and_is_no_event(workspace: Workspace) -> None:
    run_id = workspace.submit(workspace.notebook("train.ipynb", "pass")).run_id
    version = workspace.ended(run_id).version
    with pytest.raises(InvalidRequest, match="Name what is to change"):
        workspace.ask("PATCH", f"runs/{run_id}", RunChange())
    assert workspace.run(run_id).version == version


def test_the_copy_asked_for_is_written_and_stays_inside_the_root(workspace: Workspace) -> None:
    path = workspace.notebook("copy.ipynb", "print('copied')")
    (workspace.root / "results").mkdir()
    run = workspace.ended(workspace.submit(path, save_to="results/out.ipynb").run_id)
    assert run.status is RunStatus.FINISHED
    until((workspace.root / "results/out.ipynb").exists, "the copy")
    assert "copied" in (workspace.root / "results/out.ipynb").read_text()
    (workspace.root / "away").symlink_to(workspace.home)
    taken = ("results/out.ipynb", "copy.ipynb")
    for bad in ("../out.ipynb", "away/out.ipynb", "results/x.txt", "/x/out.ipynb", *taken):
        with pytest.raises(InvalidRequest) as refused:
            workspace.submit(path, save_to=bad)
        assert refused.value.field == "save_to"


def test_the_copy_is_as_open_to_others_as_the_users_own_files(workspace: Workspace) -> None:
    path = workspace.notebook("plain.ipynb", "1")
    before = os.umask(0o027)
    try:
        workspace.ended(workspace.submit(path, save_to="copy.ipynb").run_id)
    finally:
        os.umask(before)
    assert stat.S_IMODE((workspace.root / "copy.ipynb").stat().st_mode) == 0o640


def test_a_copy_replaces_nothing_that_came_into_its_place(workspace: Workspace) -> None:
    path = workspace.notebook("slow.ipynb", "import time\ntime.sleep(2)")
    run_id = workspace.submit(path, save_to="out.ipynb").run_id
    (workspace.root / "out.ipynb").write_text("mine")
    run = workspace.ended(run_id)
    assert (workspace.root / "out.ipynb").read_text() == "mine"
    assert [tag.key for tag in run.tags] == ["mlops.save_to"]


def test_a_copy_in_a_folder_is_numbered_and_the_folder_made(workspace: Workspace) -> None:
    path = workspace.notebook("deep/copy.ipynb", "print('copied')")
    ids = [workspace.submit(path, save_to_folder="out/today").run_id for _ in range(3)]
    saved = [workspace.ended(run_id).save_to for run_id in ids]
    names = ["copy-executed.ipynb", "copy-executed-2.ipynb", "copy-executed-3.ipynb"]
    assert sorted(str(name) for name in saved) == sorted(f"out/today/{name}" for name in names)
    assert sorted(file.name for file in (workspace.root / "out/today").iterdir()) == sorted(names)
    for run_id, name in zip(ids, saved, strict=True):
        assert (workspace.root / str(name)).read_text().count("copied") > 0
        assert workspace.run(run_id).tags == []
    at_root = workspace.ended(workspace.submit(path, save_to_folder="").run_id)
    assert at_root.save_to == "copy-executed.ipynb"
    assert (workspace.root / "copy-executed.ipynb").is_file()


def test_a_folder_for_copies_stays_inside_the_root(workspace: Workspace) -> None:
    path = workspace.notebook("copy.ipynb", "1")
    (workspace.root / "away").symlink_to(workspace.home)
    (workspace.root / "file").write_text("no folder")
    before = set(workspace.home.iterdir())
    for bad in ("../out", "away", "away/out", "file", "file/out", "/out", ".hidden", "a//b"):
        with pytest.raises(InvalidRequest) as refused:
            workspace.submit(path, save_to_folder=bad)
        assert refused.value.field == "save_to_folder"
    with pytest.raises(InvalidRequest, match="not both"):
        workspace.submit(path, save_to="out.ipynb", save_to_folder="out")
    with pytest.raises(InvalidRequest):
        workspace.submit(path, save_to_folder="refused", time_limit=-1.0)
    assert set(workspace.home.iterdir()) == before
    assert {item.name for item in workspace.root.iterdir()} == {"copy.ipynb", "away", "file"}


def test_the_memory_that_the_server_allows_is_that_of_its_runs(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, memory_limit=300_000_000)
    grow = "held = bytearray(b'x' * 400_000_000)\nimport time\ntime.sleep(600)"
    run = workspace.ended(workspace.submit(workspace.notebook("grow.ipynb", grow)).run_id)
    workspace.close()
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.OUT_OF_MEMORY)
    assert "300 MB" in (run.message or "")


def test_a_run_goes_to_the_trash_and_comes_back(workspace: Workspace) -> None:
    path = workspace.notebook("bin.ipynb", "1")
    run_id = workspace.submit(path).run_id
    with pytest.raises(Conflict):
        workspace.trash(run_id)
    workspace.ended(run_id)
    assert workspace.trash(run_id).deleted_at is not None
    assert workspace.ask("POST", f"runs/{run_id}/restore").deleted_at is None
    with pytest.raises(NotFound):
        workspace.trash("0" * 32)
