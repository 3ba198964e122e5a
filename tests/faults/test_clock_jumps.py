"""A clock that jumps makes no duration negative, changes no order and loses nothing (row D12)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.mlflow_load import MlflowClient, ask_over_http
from tests.jupyter_host import ROOT, JupyterHost
from tests.mlflow_door import MlflowDoor

DAY_MS = 86_400_000
JUMPS = {"a day back": -DAY_MS, "a year on": 365 * DAY_MS}

# Read by Python when it starts: the wall clock of that process goes by a file from then on.
CLOCK = """
import os, time
_time, _time_ns = time.time, time.time_ns
def _ahead():
    try:
        with open(os.environ["CLOCK_FILE"]) as file:
            return int(file.read() or 0)
    except OSError:
        return 0
time.time = lambda: _time() + _ahead() / 1_000
time.time_ns = lambda: _time_ns() + _ahead() * 1_000_000
"""


class Clock:
    """The wall clock of a server, which a test may set."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        (folder / "sitecustomize.py").write_text(CLOCK)
        path = os.pathsep.join([str(folder), str(ROOT)])
        self.environ = {"PYTHONPATH": path, "CLOCK_FILE": str(self._file)}

    def set_ahead(self, milliseconds: int) -> None:
        """Let the clock jump."""
        changed = self._file.with_suffix(".new")
        changed.write_text(str(milliseconds))
        changed.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    (tmp_path / "clock").mkdir()
    return Clock(tmp_path / "clock")


@pytest.fixture
def host(tmp_path: Path, clock: Clock) -> Iterator[JupyterHost]:
    with JupyterHost(tmp_path / "server", environ=clock.environ).wait() as host:
        yield host


def listed(host: JupyterHost) -> list[dict[str, Any]]:
    """Return the runs, the one that was made last first."""
    return list(host.request("GET", "runs").json()["runs"])


def new_run(door: MlflowDoor) -> tuple[str, int]:
    """Open a run and return its id and when it began by the clock of the server."""
    answer = door.post("runs/create", experiment_id="0")
    info = answer.json()["run"]["info"]
    return str(info["run_id"]), int(info["start_time"])


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_while_clients_log_loses_nothing_and_keeps_the_order(
    host: JupyterHost, clock: Clock, jump: str
) -> None:
    door, ask, client = MlflowDoor(host), ask_over_http(host.port), MlflowClient("client")
    made = [new_run(door)]
    for number in range(14):
        client.go_on(ask)
        if number == 7:
            clock.set_ahead(JUMPS[jump])
            made.append(new_run(door))
    clock.set_ahead(0)
    client.tell_on(ask)
    client.check_all(ask)
    made.append(new_run(door))
    # The jump was one.
    assert abs(made[1][1] - made[0][1]) > DAY_MS // 2
    order = [run["run_id"] for run in listed(host)]
    assert [run_id for run_id in order if run_id in dict(made)] == [
        run_id for run_id, _ in reversed(made)
    ]


@pytest.mark.parametrize("jump", JUMPS)
def test_no_run_took_less_than_no_time(host: JupyterHost, clock: Clock, jump: str) -> None:
    door = MlflowDoor(host)
    run_id, _ = new_run(door)
    clock.set_ahead(JUMPS[jump])
    end = {"status": "FINISHED", "end_time": 1}
    assert door.post("runs/update", run_id=run_id, **end).status == 200
    (run,) = listed(host)
    assert run["duration_ms"] == 0
    assert run["status"] == "FINISHED"


def test_what_a_repeated_request_made_is_known_after_the_clock_went_back(
    host: JupyterHost, clock: Clock
) -> None:
    asked = {"name": "wine"}
    key = {"Idempotency-Key": "one"}
    first = host.request("POST", "experiments", asked, headers=key)
    clock.set_ahead(-DAY_MS)
    again = host.request("POST", "experiments", asked, headers=key)
    assert (first.status, again.json()) == (201, first.json())
    clock.set_ahead(6 * DAY_MS)
    later = host.request("POST", "experiments", asked, headers=key)
    assert later.json() == first.json()
