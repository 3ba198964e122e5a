"""A file on its way in, made by a disk that takes its time: nobody is held up, nothing is left."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import TooLarge
from jupyter_mlops.server.patience import Patience
from jupyter_mlops.server.upload import PIECE_BYTES, Upload
from jupyter_mlops.server.workroom import Workroom
from jupyter_mlops.services.upload_quota import ArrivingFile, UploadQuota
from jupyter_mlops.store.database import Database
from tests.workspace import until

HANGS_SECONDS = 3.0


class SlowDisk:
    """Files in a folder, each of which takes its time to be made."""

    def __init__(self, home: Path, quota: UploadQuota) -> None:
        self._home = home
        self._content = ContentStore(home)
        self._quota = quota
        self.asked = threading.Event()
        self.goes_on = threading.Event()
        self.made = threading.Event()

    def begin(self) -> ArrivingFile:
        share = self._quota.begin("olive", None)
        self.asked.set()
        self.goes_on.wait(HANGS_SECONDS)
        arriving = ArrivingFile(self._content.begin(), share)
        self.made.set()
        return arriving

    @property
    def files(self) -> list[Path]:
        return list((self._home / "tmp").iterdir())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SlowDisk]:
    database = Database.open(tmp_path / "store.db")
    yield SlowDisk(tmp_path / "home", UploadQuota(database, 0))
    database.close()


def with_upload(
    disk: SlowDisk, scenario: Callable[[Upload], Coroutine[Any, Any, None]], limit: int = 1_000
) -> None:
    async def run() -> None:
        workroom = Workroom()
        patience = Patience(60, lambda: None)
        await scenario(Upload(disk.begin, workroom, limit, patience))
        workroom.close()

    asyncio.run(run())


async def send(upload: Upload, data: bytes) -> None:
    """Let a piece come, and go on when the next one may."""
    reading_on = upload.take(data)
    if reading_on is not None:
        await reading_on


async def until_asked(disk: SlowDisk) -> None:
    await asyncio.get_running_loop().run_in_executor(None, disk.asked.wait, 10)


def test_a_client_that_goes_away_while_its_file_is_made_holds_nobody_up(disk: SlowDisk) -> None:
    async def scenario(upload: Upload) -> None:
        making = asyncio.create_task(upload.make_file())
        await until_asked(disk)
        began = time.monotonic()
        upload.discard()
        assert time.monotonic() - began < HANGS_SECONDS / 2
        disk.goes_on.set()
        await making

    with_upload(disk, scenario)
    assert disk.made.wait(10)
    until(lambda: not disk.files, "the file to go")


def test_a_file_that_is_made_when_nobody_waits_any_more_does_not_stay(disk: SlowDisk) -> None:
    async def scenario(upload: Upload) -> None:
        making = asyncio.create_task(upload.make_file())
        await until_asked(disk)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        disk.goes_on.set()

    with_upload(disk, scenario)
    assert disk.made.wait(10)
    until(lambda: not disk.files, "the file to go")


def test_a_piece_that_cannot_be_written_is_told_of_though_the_next_one_came_meanwhile(
    disk: SlowDisk,
) -> None:
    async def scenario(upload: Upload) -> None:
        began = time.monotonic()
        await send(upload, b"x" * PIECE_BYTES)
        await send(upload, b"y")
        assert time.monotonic() - began < HANGS_SECONDS / 2
        disk.goes_on.set()
        with pytest.raises(TooLarge):
            await upload.complete(in_line=False)
        await asyncio.to_thread(until, lambda: not disk.files, "the file to go")

    with_upload(disk, scenario)


def test_a_file_that_comes_in_drops_is_whole(disk: SlowDisk) -> None:
    disk.goes_on.set()
    pieces = [b"%d " % number for number in range(200)] + [b"x" * 20_000] * 3 + [b"end"] * 3

    async def scenario(upload: Upload) -> None:
        for piece in pieces:
            await send(upload, piece)
        await upload.complete(in_line=False)
        arriving = upload.arrived()
        assert arriving.size == len(b"".join(pieces))
        with arriving.incoming.whole():
            (path,) = disk.files
            assert path.read_bytes() == b"".join(pieces)
        upload.discard()

    with_upload(disk, scenario, limit=100_000)
