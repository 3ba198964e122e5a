from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.execution.process_tree import carriers, descendants, kill_family
from tests.process_chain import alive
from tests.workspace import until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
# Each process of the chain lives for a moment only: whoever looks, looks at the dead.
HYDRA = """
import os, time
os.setsid()
print("up", flush=True)
end = time.monotonic() + 20
while time.monotonic() < end:
    if os.fork():
        os._exit(0)
print("grew old")
"""


def environment(run_id: str) -> dict[str, str]:
    return {**os.environ, "JMLOPS_RUN_ID": run_id}


def found(run_id: str) -> list[int]:
    return [pid for pid, _ in carriers(run_id)]


def test_a_process_is_found_by_the_run_id_in_its_environment() -> None:
    run_id = new_run_id()
    with subprocess.Popen(SLEEP, env=environment(run_id)) as process:
        until(lambda: found(run_id) == [process.pid], "the process to be found")
        assert found(new_run_id()) == []
        assert kill_family(run_id) == 1
        assert process.wait() == -9


def test_a_run_id_within_another_value_is_no_sign() -> None:
    run_id = new_run_id()
    other = {**os.environ, "NOTE": f"JMLOPS_RUN_ID={run_id}", "JMLOPS_RUN_ID": run_id + "0"}
    with subprocess.Popen(SLEEP, env=other) as process:
        time.sleep(0.2)
        assert found(run_id) == []
        process.kill()


def test_a_child_that_lost_its_environment_is_found_by_its_parent() -> None:
    run_id = new_run_id()
    code = f"import subprocess; subprocess.run({SLEEP!r}, env={{}})"
    with subprocess.Popen([sys.executable, "-c", code], env=environment(run_id)) as parent:
        child = until(lambda: psutil.Process(parent.pid).children(), "the child")[0]
        assert kill_family(run_id) == 2
        until(lambda: not alive([child.pid]), "the end of the child")


def test_a_chain_that_forks_faster_than_it_is_looked_at_is_ended() -> None:
    run_id = new_run_id()
    command = [sys.executable, "-c", HYDRA]
    with subprocess.Popen(command, env=environment(run_id), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        kill_family(run_id)
        # Every link of the chain holds the other end; it is closed when the last one is gone.
        assert process.stdout.read() == b""


def test_an_orphan_that_lost_its_environment_dies_with_its_group(tmp_path: Path) -> None:
    run_id = new_run_id()
    script = "(env -i sleep 600 & echo $! > pid); sleep 600"
    command = ["setsid", "--wait", "sh", "-c", script]
    with subprocess.Popen(command, env=environment(run_id), cwd=tmp_path):
        note = tmp_path / "pid"
        orphan = int(until(lambda: note.read_text() if note.exists() else "", "the orphan"))
        until(lambda: "sleep" in psutil.Process(orphan).name(), "the orphan to lose everything")
        assert orphan not in found(run_id)
        kill_family(run_id)
        until(lambda: not alive([orphan]), "the end of the orphan")


def test_neither_we_nor_our_ancestors_are_killed() -> None:
    run_id = new_run_id()
    sweep = (
        "import sys\n"
        "from jupyter_mlops.execution.process_tree import kill_family\n"
        "print(kill_family(sys.argv[1]))\n"
    )
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sweep!r}, sys.argv[1]])"
    )
    out = subprocess.run(
        [sys.executable, "-c", parent, run_id],
        env=environment(run_id),
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout == "0\n"


def test_descendants_are_children_and_their_children() -> None:
    code = f"import subprocess; subprocess.run({SLEEP!r}, start_new_session=True)"
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        child = until(lambda: psutil.Process(parent.pid).children(), "the child")[0]
        assert set(descendants(os.getpid())) >= {parent.pid, child.pid}
        assert descendants(parent.pid) == [child.pid]
        child.kill()
