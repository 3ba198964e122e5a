"""Deaths in the process tree: each link is killed, and the record stays true."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.process_tree import carriers
from tests.process_chain import ProcessChain, alive
from tests.workspace import until

# What a killed kernel or worker leaves is gone this soon.
DESCENDANTS_SECONDS = 5.0
NOTE = "open('pids', 'a').write(f'{os.getpid()}\\n')"

# What a daemon does to be nobody's: a session of its own, forked twice, and here with no environment.
HIDDEN = """
import os, time
os.setsid()
if os.fork():
    os._exit(0)
os.setsid()
open('pids', 'a').write(f'{os.getpid()}\\n')
time.sleep(600)
"""

# A kernel with a daemon in a session of its own, a grandchild that was forked twice, and one that
# carries nothing of the run.
FAMILY = f"""
import os, subprocess, sys, time
code = "import os, time; open('pids', 'a').write(f'{{os.getpid()}}\\\\n'); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
subprocess.run([sys.executable, "-c", {HIDDEN!r}], env={{}})
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {NOTE}
        time.sleep(600)
    os._exit(0)
{NOTE}
open('kernel', 'w').write(f'{{os.getpid()}}\\n')
time.sleep(600)
"""
MEMBERS = 4


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[ProcessChain]:
    folder = tmp_path / "folder"
    folder.mkdir()
    made = ProcessChain(tmp_path / "home", folder)
    yield made
    made.close()


def kill_and_see_them_go(chain: ProcessChain, run_id: str, victim: int, pids: list[int]) -> None:
    """Kill a process of a run; whatever descends from it is gone within the promised time."""
    os.kill(victim, signal.SIGKILL)
    until(
        lambda: chain.left(run_id, pids) == [],
        "the descendants of what was killed to go",
        DESCENDANTS_SECONDS,
    )


@pytest.mark.parametrize("warm", [True, False])
def test_a_killed_kernel_is_named_with_its_signal(chain: ProcessChain, warm: bool) -> None:
    run_id = chain.start("import os", FAMILY, "print('never')", warm=warm)
    pids = chain.pids("pids", MEMBERS)
    kill_and_see_them_go(chain, run_id, int(chain.note("kernel")), pids)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.KERNEL_DIED)
    assert "SIGKILL" in str(result.message)
    assert result.failing_cell == 1
    assert chain.states(run_id) == ["completed", "interrupted", "pending"]
    assert chain.left(run_id, pids) == []


GROW = f"""
import os, subprocess, sys, time
{NOTE}
held = []
while True:
    held.append(bytearray(os.urandom(1000) * 20_000))
    time.sleep(0.01)
"""
# The same in a process of its own, and half of it in each of two.
GROW_BELOW = f"""
import os, subprocess, sys, time
{NOTE}
code = "held = bytearray(b'x' * 150_000_000); import time; time.sleep(600)"
for _ in range(4):
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
time.sleep(600)
"""


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("cell", [GROW, GROW_BELOW], ids=["the kernel", "its children"])
def test_a_run_that_uses_more_memory_than_it_may_is_ended(
    chain: ProcessChain, cell: str, warm: bool
) -> None:
    run_id = chain.start(
        "print('ke' + 'pt')", cell, "print('never')", warm=warm, memory_limit=400_000_000
    )
    pids = chain.pids("pids", 1)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.OUT_OF_MEMORY)
    assert "more than the 400 MB" in str(result.message)
    assert result.failing_cell == 1
    assert 400_000_000 < result.peak_memory_bytes < 1_500_000_000
    assert chain.left(run_id, pids) == []
    assert chain.states(run_id) == ["completed", "interrupted", "pending"]
    assert chain.printed(run_id) == "kept\n"


def test_a_run_within_its_memory_is_left_alone(chain: ProcessChain) -> None:
    # Forks share what they have: counted for each it would be too much.
    code = "import os, time\nheld = bytearray(b'x' * 200_000_000)\nfor _ in range(4):\n    if os.fork() == 0:\n        time.sleep(1.5)\n        os._exit(0)\nfor _ in range(4): os.wait()"
    run_id = chain.start(code, memory_limit=500_000_000)
    assert chain.ended(run_id).status is RunStatus.FINISHED


def test_a_kernel_that_leaves_by_itself_is_named_with_its_exit_code(chain: ProcessChain) -> None:
    run_id = chain.start("import os; os._exit(7)")
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.KERNEL_DIED)
    assert "exit code 7" in str(result.message)


def test_a_killed_worker_leaves_a_lost_run_and_no_process(chain: ProcessChain) -> None:
    run_id = chain.start("print('ke' + 'pt')", FAMILY, "print('never')")
    pids = chain.pids("pids", MEMBERS)
    executed = chain.executor.directory(run_id).executed
    until(lambda: "kept" in executed.read_text(), "the save of the first cell's output")
    kill_and_see_them_go(chain, run_id, chain.worker(run_id), pids)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.LOST)
    assert "SIGKILL" in str(result.message)
    assert result.failing_cell == 1
    assert chain.left(run_id, pids) == []
    assert chain.states(run_id) == ["completed", "interrupted", "pending"]
    assert chain.printed(run_id) == "kept\n"


def test_a_killed_reaper_leaves_a_tree_that_another_server_sweeps(chain: ProcessChain) -> None:
    run_id = chain.start(FAMILY)
    pids = chain.pids("pids", MEMBERS)
    worker = chain.worker(run_id)
    os.kill(chain.reaper(run_id), signal.SIGKILL)
    other = LocalExecutor(chain.home)
    until(lambda: not other.is_alive(run_id), "the death of the reaper to be seen")
    # The worker ends itself with the kernel; what left their tree is found by the run id.
    until(lambda: not alive([worker]), "the end of the worker")
    other.sweep(run_id)
    assert chain.left(run_id, pids) == []
    assert other.result(run_id) is None
    assert "supervised the run was killed" in other.lost_message(run_id)
    assert chain.states(run_id) == ["interrupted"]


def test_orphans_that_end_while_the_run_goes_on_are_collected(chain: ProcessChain) -> None:
    short = "import os\nif os.fork() == 0:\n    os.setsid()\n    os._exit(0)\nos._exit(0)"
    code = f"import subprocess, sys\nfor _ in range(5): subprocess.run([sys.executable, '-c', {short!r}])"
    run_id = chain.start(code, "open('up', 'w').write('up\\n')", "import time; time.sleep(600)")
    chain.note("up")
    worker = psutil.Process(chain.worker(run_id))
    # The kernel alone is left.
    until(lambda: len(worker.children()) == 1, "the end of the orphans")


def test_a_stopped_chain_is_swept_as_a_whole(chain: ProcessChain) -> None:
    run_id = chain.start(FAMILY)
    pids = chain.pids("pids", MEMBERS)
    tree = [chain.reaper(run_id), chain.worker(run_id), *pids]
    for pid in tree[:2]:
        os.kill(pid, signal.SIGSTOP)
    assert LocalExecutor(chain.home).sweep(run_id) >= len(tree)
    assert chain.left(run_id, tree) == []


def test_a_run_of_another_boot_was_ended_by_the_restart(chain: ProcessChain) -> None:
    run_id = chain.start("pass")
    chain.ended(run_id)
    directory = chain.executor.directory(run_id)
    identity = directory.reaper.read_text()
    directory.reaper.write_text(identity.replace('"boot_id":"', '"boot_id":"before-'))
    directory.result.unlink()
    os.utime(directory.heartbeat, (0, 0))
    assert not chain.executor.is_alive(run_id)
    assert "restarted" in chain.executor.lost_message(run_id)


def test_a_reaper_told_to_terminate_ends_the_run_as_lost(chain: ProcessChain) -> None:
    run_id = chain.start(FAMILY)
    pids = chain.pids("pids", MEMBERS)
    os.kill(chain.reaper(run_id), signal.SIGTERM)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.LOST)
    assert "SIGTERM" in str(result.message)
    assert chain.left(run_id, pids) == []
    assert chain.states(run_id) == ["interrupted"]


SERVER = """
import sys, time
from pathlib import Path
from tests.process_chain import ProcessChain

chain = ProcessChain(Path(sys.argv[1]), Path(sys.argv[2]))
code = "import time, pathlib\\nwhile not pathlib.Path('go').exists(): time.sleep(0.05)"
print(chain.start(code, "print('done')"), chain.executor.launcher_pid, flush=True)
time.sleep(600)
"""


def test_a_run_outlives_a_server_that_is_killed(chain: ProcessChain) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(chain.home), str(chain.folder)],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        run_id, launcher = server.stdout.readline().split()
        chain.started.append(run_id)
        server.kill()
    until(lambda: not alive([int(launcher)]), "the launcher to leave")
    assert chain.executor.is_alive(run_id)
    assert list(carriers(run_id))
    (chain.folder / "go").touch()
    assert chain.ended(run_id).status is RunStatus.FINISHED
    assert chain.printed(run_id, 1) == "done\n"


def test_an_adopted_run_can_be_cancelled(chain: ProcessChain) -> None:
    run_id = chain.start(FAMILY)
    pids = chain.pids("pids", MEMBERS)
    chain.executor.close()
    LocalExecutor(chain.home).cancel(run_id)
    assert chain.ended(run_id).status is RunStatus.KILLED
    assert chain.left(run_id, pids) == []


NOT_SAVED = (
    "FINISHED None The executed notebook could not be saved: No space left on device. "
    "Make room on the disk and run again. "
    "The disk refused a part of what the run reported about its cells."
)
KILLED = "FAILED 1 The process that drove the notebook was killed from outside (SIGKILL)."


@pytest.mark.parametrize(
    ("victim", "told"), [("none", NOT_SAVED), ("worker", KILLED), ("reaper", "swept []")]
)
def test_the_end_of_a_run_is_told_on_a_full_disk(tmp_path: Path, victim: str, told: str) -> None:
    disk, folder = tmp_path / "disk", tmp_path / "folder"
    disk.mkdir()
    folder.mkdir()
    # Root needs only a namespace of its own for the mount; others become root in one.
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    program = [sys.executable, "-m", "tests.faults.process_chain_full_disk"]
    done = subprocess.run(
        [*isolate, *program, str(disk), str(folder), victim],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == told + "\n"


@pytest.mark.parametrize("strange", ["link", "pipe", "nonsense", "notebook"])
def test_strange_files_keep_nobody_from_telling_the_end(chain: ProcessChain, strange: str) -> None:
    run_id = chain.start("open('begun', 'w').write('\\n'); import time; time.sleep(600)")
    chain.note("begun")
    directory = chain.executor.directory(run_id)
    if strange == "link":
        (directory.spool / "x.spool").symlink_to("/dev/zero")
        (directory.spool / "worker-1-00000000.spool").symlink_to("/nowhere")
    elif strange == "pipe":
        os.mkfifo(directory.spool / "worker-1-00000000.spool")
    elif strange == "nonsense":
        directory.executed.write_text('{"cells": [{"metadata": 1}, 2]}')
    else:
        directory.executed.unlink()
        os.mkfifo(directory.executed)
    os.kill(chain.worker(run_id), signal.SIGKILL)
    result = chain.ended(run_id)
    assert (result.reason, result.failing_cell) == (Reason.LOST, 0)
    directory.result.unlink()
    chain.executor.sweep(run_id)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("victim", ["kernel", "worker", "reaper", "launcher"])
def test_two_hundred_deaths_leave_no_process(chain: ProcessChain, victim: str) -> None:
    for _ in range(200):
        for name in ("pids", "kernel"):
            (chain.folder / name).unlink(missing_ok=True)
        run_id = chain.start(FAMILY)
        pids = chain.pids("pids", MEMBERS)
        worker = chain.worker(run_id)
        kernel = int(chain.note("kernel"))
        launcher = chain.executor.launcher_pid
        assert launcher is not None
        dying = {
            "kernel": kernel,
            "worker": worker,
            "reaper": chain.reaper(run_id),
            "launcher": launcher,
        }[victim]
        if victim in ("kernel", "worker"):
            kill_and_see_them_go(chain, run_id, dying, pids)
        else:
            os.kill(dying, signal.SIGKILL)
        if victim == "reaper":
            until(lambda run=run_id: not chain.executor.is_alive(run), "the reaper's death")
            chain.executor.sweep(run_id)
        else:
            if victim == "launcher":
                chain.executor.cancel(run_id)
            assert chain.ended(run_id).status is not RunStatus.FINISHED
        assert chain.left(run_id, pids) == []
        chain.executor.discard(run_id)
