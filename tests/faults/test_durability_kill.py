"""What was acknowledged survives kill -9 of the process that wrote it (rows D1, D3)."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.faults.store_workload import Acknowledged, check, main

# So many runs stay open behind the newest.
KEPT = 5


def start(home: Path, *options: str) -> tuple[int, BinaryIO]:
    """Start to write in a process of its own; return its number and what it prints.

    A fork, because a fresh interpreter would spend most of its life on imports.
    """
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reader)
            os.dup2(writer, 1)
            main([str(home), *options])
        finally:
            os._exit(1)
    os.close(writer)
    return process, os.fdopen(reader, "rb")


def kill_again_and_again(home: Path, kills: int, chance: random.Random, *options: str) -> None:
    acknowledged: list[Acknowledged] = []
    present = 0
    network = "--network" in options
    for _ in range(kills):
        process, printed = start(home, *options)
        with printed:
            output = b"".join(printed.readline() for _ in range(chance.randrange(1, 12)))
            # The kill falls anywhere in what follows the last line that was read.
            _wait_a_moment(chance)
            os.kill(process, signal.SIGKILL)
            output += printed.read()
        _, status = os.waitpid(process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        acknowledged += Acknowledged.parse(output)
        # What this life may have touched: its own runs, and the older ones that these end.
        present = check(home, acknowledged, network=network, since=max(0, present - KEPT))
        assert len(acknowledged) <= present <= len(acknowledged) + kills
    assert check(home, acknowledged, network=network) == present


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
