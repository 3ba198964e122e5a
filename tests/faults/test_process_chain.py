"""The life of a run in its process tree, undisturbed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.domain.errors import KernelUnavailable
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.launch_request import FOLDER_PREFIX
from jupyter_mlops.process_identity import is_running
from tests.process_chain import ProcessChain, orders
from tests.workspace import until


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[ProcessChain]:
    folder = tmp_path / "folder"
    folder.mkdir()
    made = ProcessChain(tmp_path / "home", folder)
    yield made
    made.close()


@pytest.mark.parametrize("warm", [True, False])
def test_a_run_leaves_a_result_and_an_executed_notebook(chain: ProcessChain, warm: bool) -> None:
    run_id = chain.start("x = 6", "print(x * 7)", warm=warm)
    result = chain.ended(run_id)
    assert (result.status, result.reason, result.message) == (RunStatus.FINISHED, None, None)
    assert chain.states(run_id) == ["completed", "completed"]
    assert chain.printed(run_id, 1) == "42\n"
    assert result.cpu_seconds > 0
    assert result.peak_memory_bytes > 10_000_000
    assert result.duration_ms > 0
    assert chain.left(run_id, []) == []


def test_the_kernel_works_in_the_notebooks_folder(chain: ProcessChain) -> None:
    (chain.folder / "local_module.py").write_text("answer = 42\n")
    run_id = chain.start("import local_module, os; print(local_module.answer, os.getcwd())")
    chain.ended(run_id)
    assert chain.printed(run_id) == f"42 {chain.folder}\n"


def test_a_failing_cell_fails_the_run(chain: ProcessChain) -> None:
    run_id = chain.start("1 / 0", "print('never')")
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.CELL_ERROR)
    assert result.failing_cell == 0
    assert chain.states(run_id) == ["failed", "pending"]


def test_a_warm_kernel_carries_the_run_id_since_its_first_instant(chain: ProcessChain) -> None:
    run_id = chain.start(
        "block = open('/proc/self/environ').read()",
        "print([line for line in block.split(chr(0)) if 'JMLOPS' in line])",
    )
    chain.ended(run_id)
    assert chain.printed(run_id, 1) == f"['JMLOPS_RUN_ID={run_id}']\n"


def test_a_warm_kernel_looks_like_one_that_was_executed(chain: ProcessChain) -> None:
    (chain.folder / "job.py").write_text("import os\ndef where():\n    return os.getcwd()\n")
    run_id = chain.start(
        "import sys, gc, signal",
        "print([name for name in ('papermill', 'tqdm', 'nbclient') if name in sys.modules])",
        "print(gc.isenabled(), sys.argv[0].endswith('ipykernel_launcher.py'), '' in sys.path)",
        "print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)",
        f"print([path for path in sys.path if {FOLDER_PREFIX!r} in path])",
        # A spawned child finds the folder and the modules of its parent.
        "import multiprocessing, job",
        "with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.apply(job.where))",
        "import tqdm.auto, jsonschema, requests; print(tqdm.auto.tqdm.__module__)",
    )
    result = chain.ended(run_id)
    assert result.status is RunStatus.FINISHED, chain.executed(run_id)
    assert [chain.printed(run_id, cell) for cell in range(1, 7)] == [
        "[]\n",
        "True True True\n",
        "True\n",
        "[]\n",
        "",
        f"{chain.folder}\n",
    ]


def test_the_exit_handlers_of_a_kernel_run_before_it_goes(chain: ProcessChain) -> None:
    run_id = chain.start(
        "import atexit, pathlib; atexit.register(pathlib.Path('left').write_text, 'bye')"
    )
    assert chain.ended(run_id).status is RunStatus.FINISHED
    assert (chain.folder / "left").read_text() == "bye"


@pytest.mark.parametrize("warm", [True, False])
def test_a_notebook_that_used_multiprocessing_leaves_as_any_other(
    chain: ProcessChain, warm: bool
) -> None:
    (chain.folder / "job.py").write_text("def double(number):\n    return 2 * number\n")
    run_id = chain.start(
        "import atexit, pathlib; atexit.register(pathlib.Path('left').write_text, 'bye')",
        "import multiprocessing, job",
        "context = multiprocessing.get_context('spawn')",
        "with context.Pool(2) as pool: print(pool.map(job.double, [1, 2]))",
        warm=warm,
    )
    assert chain.ended(run_id).status is RunStatus.FINISHED
    assert chain.printed(run_id, 3) == "[2, 4]\n"
    # ipykernel, asked to shut down, would still wait for the tracker of shared resources when
    # our patience ends, and be killed before its exit handlers.
    assert (chain.folder / "left").read_text() == "bye"


def test_what_a_finished_notebook_left_running_is_ended(chain: ProcessChain) -> None:
    run_id = chain.start(
        "import subprocess",
        "p = subprocess.Popen(['sleep', '600'], start_new_session=True, env={})",
        "open('pids', 'w').write(f'{p.pid}\\n')",
    )
    assert chain.ended(run_id).status is RunStatus.FINISHED
    assert chain.left(run_id, chain.pids("pids", 1)) == []


def test_a_second_launch_of_a_run_starts_nothing(chain: ProcessChain) -> None:
    spec = orders(chain.folder)
    chain.started.append(spec.run_id)
    source = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    chain.executor.launch(spec, source, {})
    first = chain.reaper(spec.run_id)
    chain.executor.launch(spec, source, {})
    result = chain.ended(spec.run_id)
    chain.executor.launch(spec, source, {})
    assert chain.reaper(spec.run_id) == first
    assert chain.executor.result(spec.run_id) == result


def test_memory_and_time_of_all_its_processes_are_counted(chain: ProcessChain) -> None:
    run_id = chain.start(
        "x = b'x' * 300_000_000; del x",
        "import subprocess, sys",
        "code = 'import time; end = time.process_time() + 1\\n'",
        "code += 'while time.process_time() < end: pass'",
        "subprocess.run([sys.executable, '-c', code])",
    )
    result = chain.ended(run_id)
    assert result.status is RunStatus.FINISHED
    assert result.peak_memory_bytes > 300_000_000
    assert result.cpu_seconds > 1


@pytest.mark.parametrize("warm", [True, pytest.param(False, marks=pytest.mark.long)])
def test_twenty_runs_started_at_once_all_finish(chain: ProcessChain, warm: bool) -> None:
    runs = [chain.start(f"print({number})", warm=warm) for number in range(20)]
    assert [chain.ended(run_id).status for run_id in runs] == [RunStatus.FINISHED] * 20
    assert [chain.printed(run_id) for run_id in runs] == [f"{number}\n" for number in range(20)]


def test_secrets_reach_the_kernel_by_its_environment_only(chain: ProcessChain) -> None:
    secret = "correct horse battery"
    run_id = chain.start(
        "import os; print(os.environ['JMLOPS_SECRET_password'] == 'correct horse ' + 'battery')",
        "print(b'battery' in open('/proc/self/environ', 'rb').read())",
        secrets={"password": secret},
    )
    chain.ended(run_id)
    assert chain.printed(run_id, 0) == "True\n"
    assert chain.printed(run_id, 1) == "False\n"
    directory = chain.executor.directory(run_id).path
    holding = [
        path.name
        for path in directory.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert holding == []


def test_the_launcher_leaves_with_its_owner_and_runs_go_on(chain: ProcessChain) -> None:
    run_id = chain.start("import time; time.sleep(1)", "print('done')")
    launcher = psutil.Process(chain.reaper(run_id)).ppid()
    chain.executor.close()
    assert not psutil.pid_exists(launcher)
    adopter = LocalExecutor(chain.home)
    assert adopter.run_ids() == [run_id]
    assert adopter.is_batch(run_id)
    assert adopter.is_alive(run_id)
    assert chain.ended(run_id).status is RunStatus.FINISHED
    until(lambda: not adopter.is_alive(run_id), "the reaper to leave")


def test_a_launcher_that_died_is_replaced(chain: ProcessChain) -> None:
    first = chain.start("pass")
    chain.ended(first)
    launcher = chain.executor.launcher_pid
    assert launcher is not None
    psutil.Process(launcher).kill()
    until(lambda: chain.executor.launcher_pid is None, "the end of the launcher")
    assert chain.ended(chain.start("pass")).status is RunStatus.FINISHED


def test_an_unknown_kernel_is_refused_before_anything_starts(chain: ProcessChain) -> None:
    with pytest.raises(KernelUnavailable) as refusal:
        chain.start("pass", kernel_name="no-such-kernel")
    assert "no-such-kernel" in refusal.value.message
    assert chain.executor.run_ids() == []


def test_a_reaper_is_known_by_its_start_and_not_its_number_alone(chain: ProcessChain) -> None:
    run_id = chain.start("pass")
    chain.ended(run_id)
    identity = chain.executor.directory(run_id).read_reaper()
    assert identity is not None
    assert not is_running(psutil.Process().pid, identity.pid_started)
