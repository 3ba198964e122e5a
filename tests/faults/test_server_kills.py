"""Servers killed again and again: each run ends as it should, in time, with no process left (rows S22, D6)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.domain.runs import TERMINAL, Reason, Run, RunStatus
from jupyter_mlops.execution.process_tree import carriers
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.core_server import CoreServer
from tests.process_chain import alive
from tests.workspace import Workspace, until

# Within so many seconds of the next server's start the state of a run is right, and what is left
# of it is gone; a kernel or worker that dies takes its descendants along within the other.
RIGHT_SECONDS = 10.0
DESCENDANTS_SECONDS = 5.0

# A session of its own and a double fork outlive any parent that does not look for them.
FAMILY = """
import os, pathlib, subprocess, sys, time
run_id = os.environ["JMLOPS_RUN_ID"]
sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
subprocess.Popen(sleeper, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
with open(f"ran-{run_id}", "a") as file:
    file.write(f"{os.getpid()}\\n")
while not pathlib.Path(f"go-{run_id}").exists():
    time.sleep(0.02)
"""
EXPECTED = {
    None: (RunStatus.FINISHED, None),
    "kernel": (RunStatus.FAILED, Reason.KERNEL_DIED),
    "worker": (RunStatus.FAILED, Reason.LOST),
    "reaper": (RunStatus.FAILED, Reason.LOST),
}


@dataclass
class Submitted:
    """A run under way when its server was killed, and what of it was killed too."""

    run_id: str
    victim: str | None = None


class Killing:
    """Kills one server after the other over one store."""

    def __init__(self, workspace: Workspace, chance: random.Random) -> None:
        self._workspace = workspace
        self._chance = chance
        self._notebook = workspace.notebook("family.ipynb", FAMILY)
        self._database = Database.open(workspace.home / "store.db")

    def close(self) -> None:
        self._database.close()

    def rounds(self, kills: int) -> None:
        """Kill ``kills`` servers, and let one more find what became of the last runs."""
        left: list[Submitted] = []
        for _ in range(kills):
            with self._server() as server:
                self._check(left)
                left = [Submitted(server.submit(notebook=self._notebook)) for _ in range(2)]
                self._let_pass(left)
                server.kill()
                self._kill_a_part(left[0])
        with self._server():
            self._check(left)

    def _server(self) -> CoreServer:
        return CoreServer(self._workspace.root, self._workspace.home)

    def _ran(self, run_id: str) -> list[int]:
        """Return the kernels that executed the cell of a run."""
        path = self._workspace.root / f"ran-{run_id}"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def _let_pass(self, submitted: list[Submitted]) -> None:
        """Wait until cells are executed, or for any shorter time."""
        if self._chance.random() < 0.5:
            until(lambda: all(self._ran(run.run_id) for run in submitted), "the cells")
        else:
            time.sleep(self._chance.uniform(0, 2))

    def _kill_a_part(self, run: Submitted) -> None:
        """Kill one process of a run whose cell is being executed; others are let go on."""
        victim = self._chance.choice(list(EXPECTED))
        kernels = self._ran(run.run_id)
        if victim is None or not kernels:
            return
        run.victim = victim
        chain = {"kernel": kernels[0], "worker": 0, "reaper": 0}
        chain["worker"] = psutil.Process(chain["kernel"]).ppid()
        chain["reaper"] = psutil.Process(chain["worker"]).ppid()
        os.kill(chain[victim], signal.SIGKILL)
        if victim != "reaper":
            until(
                lambda: self._processes(run.run_id, but=chain["reaper"]) == [],
                f"the descendants of the {victim} to go",
                DESCENDANTS_SECONDS,
            )

    def _processes(self, run_id: str, but: int = 0) -> list[int]:
        return [pid for pid in alive([pid for pid, _ in carriers(run_id)]) if pid != but]

    def _check(self, left: list[Submitted]) -> None:
        """Let the runs go on, and check how and when each ends now that a server is there."""
        started = time.monotonic()
        for run in left:
            (self._workspace.root / f"go-{run.run_id}").touch()
        for run in left:
            ended, seconds = self._ended(run, started)
            assert (ended.status, ended.reason) == EXPECTED[run.victim], (run, ended.message)
            assert seconds <= RIGHT_SECONDS, run
            until(lambda of=run.run_id: not self._processes(of), "the last process to go", 5.0)
            assert len(self._ran(run.run_id)) == 1

    def _ended(self, run: Submitted, started: float) -> tuple[Run, float]:
        """Return a run that has ended, and how long its server took to see that.

        That is from the server's start, or from the result of a run that went on till later.
        """
        result = self._workspace.home / "runs" / run.run_id / "result.json"
        since, waiting = started, run.victim is None

        def look() -> Run | None:
            nonlocal since, waiting
            waiting = waiting and not result.exists()
            if waiting:
                since = time.monotonic()
            with self._database.read() as connection:
                found = runs.get(connection, run.run_id)
            return found if found.status in TERMINAL else None

        ended = until(look, f"the end of {run}")
        return ended, time.monotonic() - since


@pytest.fixture
def killing(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Killing]:
    workspace = Workspace(tmp_path)
    workspace.close()
    made = Killing(workspace, random.Random(request.node.name))  # noqa: S311
    yield made
    made.close()


def test_killed_servers_leave_every_run_in_its_right_state(killing: Killing) -> None:
    killing.rounds(5)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("quarter", range(4))
def test_two_hundred_killed_servers_leave_every_run_in_its_right_state(
    killing: Killing, quarter: int
) -> None:
    assert quarter in range(4)
    killing.rounds(50)
