"""What MLflow's clients were told is on the disk, whatever becomes of power and disk (rows D1-D5)."""

from __future__ import annotations

import random
import shutil
from functools import partial
from pathlib import Path

import pytest

from jupyter_mlops.domain.errors import Unavailable
from tests.faults.mlflow_load import MlflowClient
from tests.faults.mlflow_program import replay
from tests.faults.mlflow_story import Ask
from tests.faults.power import crashing_disk
from tests.faults.test_durability_full_disk import on_a_small_disk
from tests.faults.test_durability_io_error import FailingDisk, Lived
from tests.local_mlflow import LocalMlflow

STORIES = 3
# About as many fsyncs as it takes to open the store and to tell these stories.
FSYNCS = {"--local": 150, "--network": 400}


def check_saved(folder: Path, client: MlflowClient, *, network: bool) -> None:
    """Assert that a store is whole and holds what was acknowledged, and that one can go on with it."""
    home = folder / "saved" / "home"
    # After a real power cut no process would be left that could own the store.
    (home / "store.owner").unlink(missing_ok=True)
    door = LocalMlflow(home, network=network)
    try:
        client.check_all(door.ask)
        client.tell_on(door.ask)
        client.check_all(door.ask)
    finally:
        door.close()


def cut_somewhere(folder: Path, mode: str, seed: int) -> int:
    """Cut the power at one fsync of a program, and look at the disk; return how much it was told."""
    chance = random.Random(seed)  # noqa: S311
    # Half the disks lose all that was not fsynced, half a random part of it.
    mix = [f"--mix={seed}"] if seed % 2 else []
    with crashing_disk(folder, f"--cut={chance.randrange(1, FSYNCS[mode])}", *mix) as disk:
        home = str(disk.mount / "home")
        program = disk.run("tests.faults.mlflow_program", home, mode, str(STORIES))
        disk.cut()
    client = replay(program.stdout)
    assert client.told == STORIES or program.returncode != 0
    check_saved(folder, client, network=mode == "--network")
    shutil.rmtree(folder)
    return program.stdout.count(b"\n")


def live(folder: Path, at: int, *, network: bool, call: str) -> Lived:
    """Tell stories to a store whose disk reports an error; it goes on without a restart."""
    with crashing_disk(folder, f"--fail={at}", f"--call={call}") as mounted:
        disk = FailingDisk(mounted, call, at, apart=0)
        door = disk.insist(partial(LocalMlflow, mounted.mount / "home", network=network))
        client = MlflowClient("client")
        while disk.calls <= at or client.told < 2:
            disk.attempt(partial(go_on, client, door.ask))
        client.check_all(door.ask)
        lived = Lived(disk.failures, disk.faults)
        mounted.cut()
        door.close()
    check_saved(folder, client, network=network)
    shutil.rmtree(folder)
    return lived


def go_on(client: MlflowClient, ask: Ask) -> bool:
    """Let a client send one request; Unavailable if it was told to repeat it."""

    def answered(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        status, data = ask(method, path, body)
        if status == Unavailable.status:
            raise ConnectionResetError
        return status, data

    try:
        client.go_on(answered)
    except ConnectionResetError:
        raise Unavailable("It has to be repeated.") from None
    return True


@pytest.mark.parametrize("mode", FSYNCS)
@pytest.mark.parametrize("seed", [2, 3])
def test_a_power_cut_loses_and_halves_nothing_that_mlflows_clients_were_told(
    tmp_path: Path, mode: str, seed: int
) -> None:
    cut_somewhere(tmp_path / "disk", mode, seed)


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize(
    ("call", "at"), [("fsync", 19), ("fsync", 31), ("write", 40), ("rename", 2)]
)
def test_an_error_of_the_disk_fails_one_request_of_mlflows_clients(
    tmp_path: Path, call: str, at: int, network: bool
) -> None:
    lived = live(tmp_path / "disk", at, network=network, call=call)
    assert lived.faults == 1
    assert lived.failures <= 1


def test_wherever_the_disk_fills_up_nothing_of_mlflows_clients_is_half_done(tmp_path: Path) -> None:
    refused = on_a_small_disk(tmp_path / "disk", "mlflow", 8, 0, 60_000, 5)
    assert min(refused) >= 1


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("mode", FSYNCS)
def test_a_hundred_power_cuts_lose_and_halve_nothing_that_mlflows_clients_were_told(
    tmp_path: Path, mode: str
) -> None:
    told = [cut_somewhere(tmp_path / str(seed), mode, seed) for seed in range(2_000, 2_100)]
    assert sum(each > 0 for each in told) >= 50


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("call", ["fsync", "write", "rename"])
def test_an_error_at_any_of_forty_calls_fails_one_request_of_mlflows_clients(
    tmp_path: Path, call: str, network: bool
) -> None:
    lives = [
        live(tmp_path / str(at), at, network=network, call=call)
        for at in range(1, 41 if call != "rename" else 7)
    ]
    assert all(life.faults == 1 and life.failures <= 1 for life in lives)
    assert sum(life.failures for life in lives) >= len(lives) // 3


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("megabytes", [8, 32])
def test_at_every_step_a_full_disk_halves_nothing_of_mlflows_clients(
    tmp_path: Path, megabytes: int
) -> None:
    refused = on_a_small_disk(tmp_path / "disk", "mlflow", megabytes, 0, 4_500, 150)
    assert min(refused) >= 1
