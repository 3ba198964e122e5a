"""A power cut while files of runs are taken in leaves no row without its bytes (row D3)."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.faults.conclusion_workload import check
from tests.faults.power import crashing_disk

RUNS = 5
# Beyond the last one nothing is cut: the whole program is looked at, too.
SYNCS = 150


def cut_somewhere(folder: Path, seed: int) -> tuple[int, int]:
    """Cut the power at one fsync; return how many runs were acknowledged, how many bytes unnamed."""
    cut = random.Random(seed).randrange(10, SYNCS)  # noqa: S311
    mix = [f"--mix={seed}"] if seed % 2 else []
    with crashing_disk(folder, f"--cut={cut}", *mix) as disk:
        program = disk.run("tests.faults.conclusion_workload", str(disk.mount / "home"), str(RUNS))
        disk.cut()
    acknowledged = program.stdout[: program.stdout.rfind(b"\n") + 1].decode().split()
    assert len(acknowledged) == RUNS or program.returncode != 0, program.stderr
    orphans = check(folder / "saved" / "home", acknowledged)
    shutil.rmtree(folder)
    return len(acknowledged), orphans


@pytest.mark.parametrize("seed", range(5))
def test_a_power_cut_leaves_no_row_without_its_bytes(tmp_path: Path, seed: int) -> None:
    cut_somewhere(tmp_path / "disk", seed)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("first", [1_000, 1_100, 1_200, 1_300])
def test_hundreds_of_power_cuts_leave_no_row_without_its_bytes(tmp_path: Path, first: int) -> None:
    seen = [cut_somewhere(tmp_path / str(seed), seed) for seed in range(first, first + 100)]
    # Cuts fell within runs, and between the bytes of a file and its row.
    assert 0 < sum(acknowledged for acknowledged, _ in seen) < RUNS * len(seen)
    assert sum(orphans for _, orphans in seen) > 0
