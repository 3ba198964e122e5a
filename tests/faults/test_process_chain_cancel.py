"""Cancel and time limit: whatever the cell does, the run ends and no process of it is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.domain.runs import Reason, RunStatus
from tests.process_chain import ProcessChain

# The promise, from the order until nothing is left; a busy machine gets no more.
CANCEL_SECONDS = 5.0

NOTE = "import os; open('pids', 'a').write(f'{os.getpid()}\\n')"

STUBBORN = {
    "a sleeping cell": f"{NOTE}\nimport time; time.sleep(600)",
    "a cell that ignores SIGINT": (
        f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{NOTE}\n"
        "import time; time.sleep(600)"
    ),
    # One call into C that holds the interpreter's lock: no handler, no thread can run.
    "a call into C": f"{NOTE}\npow(3, 10 ** 9)",
    "a child process": (
        "import subprocess, sys\n"
        "code = \"import os, time; open('pids', 'a').write(f'{os.getpid()}\\\\n');\"\n"
        "subprocess.run([sys.executable, '-c', code + 'time.sleep(600)'])"
    ),
    "a daemon of its own session": (
        "import subprocess, sys\n"
        "code = \"import os, time; open('pids', 'a').write(f'{os.getpid()}\\\\n');\"\n"
        "subprocess.Popen([sys.executable, '-c', code + 'time.sleep(600)'],\n"
        "                 start_new_session=True, env={})\n"
        "import time; time.sleep(600)"
    ),
    "a double fork": (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        {NOTE}\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "time.sleep(600)"
    ),
    "a loop that swallows KeyboardInterrupt": (
        f"{NOTE}\nimport time\n"
        "while True:\n"
        "    try:\n"
        "        time.sleep(600)\n"
        "    except KeyboardInterrupt:\n"
        "        pass"
    ),
    "a family that grows back": (
        "import os, signal, time\n"
        "def live(depth):\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"    {NOTE}\n"
        "    for _ in range(depth):\n"
        "        if os.fork() == 0:\n"
        "            os.setsid()\n"
        "            live(depth - 1)\n"
        "    time.sleep(600)\n"
        "live(3)"
    ),
}


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[ProcessChain]:
    folder = tmp_path / "folder"
    folder.mkdir()
    made = ProcessChain(tmp_path / "home", folder)
    yield made
    made.close()


@pytest.mark.parametrize("cell", STUBBORN.values(), ids=STUBBORN.keys())
def test_a_cancelled_run_leaves_no_process(chain: ProcessChain, cell: str) -> None:
    run_id = chain.start("print('before')", cell, "print('never')")
    pids = chain.pids("pids", 1)
    chain.executor.cancel(run_id)
    result = chain.ended(run_id, CANCEL_SECONDS)
    assert (result.status, result.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert result.message
    assert chain.left(run_id, pids + chain.pids("pids", 1)) == []
    assert chain.states(run_id) == ["completed", "interrupted", "pending"]


def test_a_cancelled_run_of_a_started_kernel_leaves_no_process(chain: ProcessChain) -> None:
    run_id = chain.start(STUBBORN["a double fork"], warm=False)
    pids = chain.pids("pids", 1)
    chain.executor.cancel(run_id)
    result = chain.ended(run_id, CANCEL_SECONDS)
    assert (result.status, result.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert chain.left(run_id, pids) == []


def test_a_worker_that_does_not_obey_is_killed_with_everything(chain: ProcessChain) -> None:
    run_id = chain.start(STUBBORN["a double fork"], "print('never')")
    pids = chain.pids("pids", 1)
    worker = chain.worker(run_id)
    os.kill(worker, signal.SIGSTOP)
    chain.executor.cancel(run_id)
    result = chain.ended(run_id, CANCEL_SECONDS)
    assert (result.status, result.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert "did not react" in str(result.message)
    assert chain.left(run_id, [*pids, worker]) == []
    assert chain.states(run_id) == ["interrupted", "pending"]


def test_a_run_may_tidy_up_when_it_is_cancelled(chain: ProcessChain) -> None:
    run_id = chain.start(
        "import time, pathlib\n"
        f"{NOTE}\n"
        "try:\n"
        "    time.sleep(600)\n"
        "finally:\n"
        "    pathlib.Path('tidy').write_text('yes')\n"
    )
    chain.pids("pids", 1)
    chain.executor.cancel(run_id)
    assert chain.ended(run_id, CANCEL_SECONDS).status is RunStatus.KILLED
    assert (chain.folder / "tidy").read_text() == "yes"


def test_a_cancel_before_the_first_cell_is_a_cancel(chain: ProcessChain) -> None:
    run_id = chain.start("print('never')", kernel_name="python3", warm=False)
    chain.executor.cancel(run_id)
    result = chain.ended(run_id, CANCEL_SECONDS)
    assert (result.status, result.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert chain.left(run_id, []) == []


def test_a_cancel_after_the_end_changes_nothing(chain: ProcessChain) -> None:
    run_id = chain.start("pass")
    result = chain.ended(run_id)
    chain.executor.cancel(run_id)
    assert chain.executor.result(run_id) == result
    assert result.status is RunStatus.FINISHED


@pytest.mark.parametrize(
    "cell", [STUBBORN["a sleeping cell"], STUBBORN["a call into C"]], ids=["sleep", "C"]
)
def test_a_run_over_its_time_limit_is_stopped(chain: ProcessChain, cell: str) -> None:
    # The limit counts from the launch: the cell must have begun by then, however busy the machine.
    begun = time.monotonic()
    chain.ended(chain.start("pass"))
    limit = round(1.5 + 2 * (time.monotonic() - begun), 1)
    run_id = chain.start(cell, time_limit=limit)
    pids = chain.pids("pids", 1)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.TIME_LIMIT)
    assert f"{limit:g} s" in str(result.message)
    assert result.failing_cell == 0
    assert chain.left(run_id, pids) == []
    assert chain.states(run_id) == ["interrupted"]
