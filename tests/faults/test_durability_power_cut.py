"""What was acknowledged survives a power cut, rows and files alike (rows D1, D3)."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pytest

from jupyter_mlops import durable
from jupyter_mlops.artifacts.content import ContentStore
from tests.faults.power import crashing_disk
from tests.faults.store_workload import Acknowledged, check

TRANSACTIONS = 60


def cut_somewhere(folder: Path, mode: str, seed: int) -> None:
    """Cut the power at one fsync of a program that writes, and look at the disk."""
    chance = random.Random(seed)  # noqa: S311
    cut = chance.randrange(1, 5 * TRANSACTIONS)
    # Half the disks lose all that was not fsynced, half a random part of it.
    mix = [f"--mix={seed}"] if seed % 2 else []
    with crashing_disk(folder, f"--cut={cut}", *mix) as disk:
        program = disk.run(
            "tests.faults.store_workload",
            str(disk.mount / "home"),
            mode,
            f"--count={TRANSACTIONS}",
        )
        disk.cut()
    acknowledged = Acknowledged.parse(program.stdout)
    assert len(acknowledged) == TRANSACTIONS or program.returncode != 0
    home = folder / "saved" / "home"
    present = check(home, acknowledged, network=mode == "--network")
    assert len(acknowledged) <= present <= len(acknowledged) + 1
    # What came through is a store to go on with.
    shutil.rmtree(folder)


@pytest.mark.parametrize("mode", ["--local", "--network"])
@pytest.mark.parametrize("seed", range(4))
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    tmp_path: Path, mode: str, seed: int
) -> None:
    cut_somewhere(tmp_path / "disk", mode, seed)


def test_bytes_that_were_there_already_survive_a_power_cut_too(tmp_path: Path) -> None:
    data = b"few bytes"
    digits = hashlib.sha256(data).hexdigest()
    name = Path("home", "artifacts", "sha256", digits[:2], digits[2:])
    with crashing_disk(tmp_path) as disk:
        store, path = ContentStore(disk.mount / "home"), disk.mount / name
        # Somebody else is about to make the name durable, and may never come to it.
        durable.make_folder(path.parent)
        path.write_bytes(data)
        durable.sync_file(path)
        assert store.put_bytes(data) == (f"sha256:{digits}", len(data))
        disk.cut()
    assert (disk.saved / name).read_bytes() == data


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("mode", ["--local", "--network"])
def test_hundreds_of_power_cuts_lose_nothing(tmp_path: Path, mode: str) -> None:
    for seed in range(1_000, 1_200):
        cut_somewhere(tmp_path / str(seed), mode, seed)
