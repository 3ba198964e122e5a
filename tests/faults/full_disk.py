"""A program that fills its own small disk and goes on: ``python -m tests.faults.full_disk …``.

It is started in a mount namespace of its own, so that it may mount a tmpfs that nobody else sees.
``points MOUNT MEGABYTES FIRST STEP COUNT`` prints how many changes were refused at each point,
``mlflow`` the same for requests of MLflow's clients.
``reserve MOUNT`` shows what the reserve is for, ``empty MOUNT`` that the trash can be emptied.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.bootstrap import compose
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.errors import DiskFull
from jupyter_mlops.settings import Settings
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.faults.mlflow_load import MlflowClient
from tests.faults.store_workload import Acknowledged, check, run_id_of, write_one
from tests.local_mlflow import LocalMlflow


def mount(folder: Path, megabytes: int) -> None:
    """Mount an empty disk of a few megabytes."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    subprocess.run(command, check=True)


def fill(folder: Path, leave: int) -> Path:
    """Use up the disk but for ``leave`` bytes, and return the file that takes the room."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        size = max(0, shutil.disk_usage(folder).free - leave)
        os.posix_fallocate(file.fileno(), 0, max(size, 1))
    return filler


def one_point(folder: Path, leave: int, *, before_opening: bool) -> int:
    """Run out of space with ``leave`` bytes to go, make room, go on; return the refusals."""
    home = folder / "home"
    refused = 0
    filler = None
    if before_opening:
        filler = fill(folder, leave)
        try:
            Database.open(home / "store.db", network=False).close()
        except DiskFull:
            refused += 1
        filler.unlink()
    database = Database.open(home / "store.db", network=False)
    content = ContentStore(home)
    acknowledged = []
    filler = fill(folder, leave)
    number = 0
    while number < 40:
        try:
            acknowledged.append(Acknowledged(number, write_one(database, content, number)))
        except DiskFull:
            refused += 1
            # Nothing is half-done, and what is there can be read.
            with database.read() as connection:
                assert runs.find(connection, run_id_of(number)) is None
                assert len(runs.active(connection)) == min(number, 5)
            assert all(content.verify(item.digest) for item in acknowledged)
            filler.unlink(missing_ok=True)
            continue
        number += 1
    database.close()
    filler.unlink(missing_ok=True)
    assert check(home, acknowledged, network=False) == number
    shutil.rmtree(home)
    return refused


def one_point_of_mlflow(folder: Path, leave: int) -> int:
    """Run out of space under a client of MLflow, make room, go on; return the refusals."""
    home, refused = folder / "home", 0
    door = LocalMlflow(home, network=False)
    client = MlflowClient("client")
    filler = fill(folder, leave)

    def ask(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        status, data = door.ask(method, path, body)
        if status == DiskFull.status:
            # Not done, so that nothing is doubled when it is sent again.
            raise ConnectionRefusedError(data)
        return status, data

    while client.told < 3:
        try:
            client.go_on(ask)
        except ConnectionRefusedError:
            refused += 1
            client.check_all(door.ask, undone=True)
            filler.unlink(missing_ok=True)
    client.check_all(door.ask)
    door.close()
    filler.unlink(missing_ok=True)
    shutil.rmtree(home)
    return refused


def reserve(folder: Path) -> None:
    """Fill a disk to the brim; only a change that cleans up gets the room kept for it."""
    home = folder / "home"
    database = Database.open(home / "store.db", network=False)
    content = ContentStore(home)
    for number in range(20):
        write_one(database, content, number)
    assert (home / "reserve").stat().st_blocks * 512 >= 16 << 20
    filler = fill(folder, 0)
    number = 20
    try:
        while True:
            write_one(database, content, number)
            number += 1
    except DiskFull:
        pass
    assert (home / "reserve").exists()
    with database.write(clean_up=True) as connection:
        for earlier in range(10):
            runs.trash(connection, run_id_of(earlier), 1)
    assert not (home / "reserve").exists()
    with database.read() as connection:
        assert runs.get(connection, run_id_of(9)).deleted_at == 1
    database.close()
    filler.unlink()
    Database.open(home / "store.db", network=False).close()
    assert (home / "reserve").exists()


def empty(folder: Path) -> None:
    """Fill a disk to the brim; runs can be deleted nevertheless, for good, and room comes free."""
    home = folder / "home"
    core = Core(Settings(root=folder, home=home, dispatch=False), compose)
    core.start()
    core.check()
    database, content = Database.open(home / "store.db", network=False), ContentStore(home)
    for number in range(30):
        write_one(database, content, number)
    filler = fill(folder, 0)
    try:
        while True:
            write_one(database, content, number := number + 1)
    except DiskFull:
        pass
    actor, services = owner("olive"), core.services
    for earlier in range(20):
        services.runs.trash(actor, run_id_of(earlier))
    done = services.trash.empty(actor)
    assert (done.runs, done.remaining) == (20, 0)
    assert done.bytes_freed > 1_000
    # The marks of what could not go at once need room too; here everything could.
    assert list((home / "artifacts" / "tombstones").iterdir()) == []
    write_one(database, content, number)
    database.close()
    core.close()
    filler.unlink()


def main() -> None:
    """Do what the arguments say."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "reserve":
        mount(folder, 128)
        reserve(folder)
        return
    if what == "empty":
        mount(folder, 128)
        empty(folder)
        return
    megabytes, first, step, count = map(int, sys.argv[3:])
    mount(folder, megabytes)
    for place in range(count):
        if what == "mlflow":
            print(one_point_of_mlflow(folder, first + place * step), flush=True)  # noqa: T201
            continue
        print(one_point(folder, first + place * step, before_opening=place % 3 == 0), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
