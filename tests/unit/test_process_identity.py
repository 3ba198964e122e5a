"""A process is told from every other one, by numbers that no clock moves."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from jupyter_mlops.process_identity import (
    boot_id,
    is_before_restart,
    is_running,
    machine,
    process_started,
)

ANOTHER_START = "00000000-0000-0000-0000-000000000000:1"


def test_a_process_runs_until_it_ends_and_is_collected_or_not() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = process_started(child.pid)
        assert started is not None
        assert is_running(child.pid, started)
        assert not is_running(child.pid, started - 1)
        child.kill()
        deadline = time.monotonic() + 10
        # A zombie keeps its number, and is nobody any more.
        while process_started(child.pid) is not None:
            assert time.monotonic() < deadline
    assert not is_running(child.pid, started)


def test_the_start_of_a_process_is_no_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process_started(os.getpid())
    monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert process_started(os.getpid()) == before


def test_a_restart_is_told_from_another_machine_and_from_a_container_beside() -> None:
    assert is_before_restart(ANOTHER_START, machine())
    assert not is_before_restart(ANOTHER_START, "elsewhere:")
    assert not is_before_restart(boot_id(), machine())
    assert not is_before_restart(f"{boot_id().partition(':')[0]}:1", machine())
    assert not is_before_restart("", machine())
