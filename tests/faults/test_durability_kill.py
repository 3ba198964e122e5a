"""What was acknowledged survives kill -9 of the process that wrote it (rows D1, D3)."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.store_workload import Acknowledged, check

ROOT = Path(__file__).resolve().parents[2]


def start(home: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.store_workload", str(home), *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def kill_again_and_again(home: Path, kills: int, chance: random.Random, *options: str) -> None:
    acknowledged: list[Acknowledged] = []
    for _ in range(kills):
        process = start(home, *options)
        assert process.stdout is not None
        output = b"".join(process.stdout.readline() for _ in range(chance.randrange(1, 12)))
        # The kill falls anywhere in what follows the last line that was read.
        _wait_a_moment(chance)
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        acknowledged += Acknowledged.parse(output + rest)
        present = check(home, acknowledged, network="--network" in options)
        assert len(acknowledged) <= present <= len(acknowledged) + kills


def _wait_a_moment(chance: random.Random) -> None:
    """Let between none and some of the next transaction happen."""
    for _ in range(chance.randrange(200_000)):
        pass


@pytest.mark.parametrize("option", ["--local", "--network"])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(home: Path, option: str) -> None:
    kill_again_and_again(home, 6, random.Random(1), option)  # noqa: S311


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("option", ["--local", "--network"])
@pytest.mark.parametrize("seed", range(10))
def test_thousands_of_kills_lose_nothing(home: Path, option: str, seed: int) -> None:
    kill_again_and_again(home, 150, random.Random(seed), option)  # noqa: S311
