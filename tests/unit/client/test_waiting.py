"""A run is followed to its end, also past a server that is away for a moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jupyter_mlops.client import Client, ClientError
from jupyter_mlops.client.errors import UNREACHABLE

AWAY = "away"


class Script:
    """A transport over a written course of events: one step for each look at the events."""

    def __init__(self, *steps: str, events: bool = True) -> None:
        self.steps = list(steps)
        self.status = self.steps.pop(0)
        self.events = events
        self.looks = 0

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        if path == "status":
            return 200, {}, b'{"seq": 7}'
        if path == "events":
            assert query is not None
            step = self.steps.pop(0)
            if step == AWAY:
                raise ClientError("away", code=UNREACHABLE)
            if step.isdecimal():
                return int(step), {}, b"{}"
            changed, self.status = step != self.status, step
            told = [{"subject": "r"}] if changed and self.events else [{"subject": "other"}]
            answer: Any = {"events": told, "seq": 8, "reset": not self.events and changed}
            return 200, {}, json.dumps(answer).encode()
        self.looks += 1
        return 200, {}, json.dumps({"run_id": "r", "status": self.status}).encode()

    def close(self) -> None:
        """Do nothing."""


def test_each_change_is_told_and_the_end_comes_last() -> None:
    script = Script("SCHEDULED", "SCHEDULED", "RUNNING", "RUNNING", "FAILED")
    states = [run["status"] for run in Client(script).watch("r")]
    assert states == ["SCHEDULED", "RUNNING", "FAILED"]
    # Events of other runs do not make it look.
    assert script.looks == 3


def test_a_run_that_has_ended_is_told_once() -> None:
    assert [run["status"] for run in Client(Script("KILLED")).watch("r")] == ["KILLED"]


def test_a_server_that_comes_back_is_waited_for() -> None:
    script = Script("RUNNING", AWAY, "503", "502", "FINISHED")
    assert Client(script).wait("r")["status"] == "FINISHED"


def test_events_that_are_no_longer_kept_make_it_look() -> None:
    assert Client(Script("RUNNING", "FINISHED", events=False)).wait("r")["status"] == "FINISHED"


def test_a_refusal_is_not_waited_out() -> None:
    with pytest.raises(ClientError):
        Client(Script("RUNNING", "400")).wait("r")
