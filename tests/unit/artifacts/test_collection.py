"""Bytes that nobody names go: a day after they were marked, or at once in a purge (S14)."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import NotFound

DATA = b"some bytes " * 1_000
DIGEST = "sha256:" + hashlib.sha256(DATA).hexdigest()
DAY = 86_400


@pytest.fixture
def store(home: Path) -> ContentStore:
    return ContentStore(home)


@pytest.fixture
def collector(home: Path) -> Collector:
    return Collector(home)


def nothing(digests: Collection[str]) -> set[str]:
    """Name none of the digests."""
    return set()


def everything(digests: Collection[str]) -> set[str]:
    """Name all of them."""
    return set(digests)


def grow_old(path: Path) -> None:
    """Let a file be a little older than a day."""
    past = time.time() - DAY - 1
    os.utime(path, (past, past))


def blob(home: Path, digest: str = DIGEST) -> Path:
    digits = digest.removeprefix("sha256:")
    return home / "artifacts" / "sha256" / digits[:2] / digits[2:]


def mark(home: Path) -> Path:
    return home / "artifacts" / "tombstones" / DIGEST[7:]


def marked(home: Path, store: ContentStore, collector: Collector) -> None:
    """Put bytes, and let a collection mark them."""
    store.put_bytes(DATA)
    grow_old(blob(home))
    assert collector.collect(nothing) == 0
    assert mark(home).exists()


def read(store: ContentStore, digest: str = DIGEST) -> bytes:
    with store.open(digest) as file:
        return file.read()


def test_bytes_whose_row_was_never_written_go_after_two_days(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    store.put_bytes(DATA)
    assert collector.collect(nothing) == 0
    assert not mark(home).exists()
    grow_old(blob(home))
    assert collector.collect(nothing) == 0
    assert read(store) == DATA
    grow_old(mark(home))
    assert collector.collect(nothing) == 1
    with pytest.raises(NotFound):
        store.open(DIGEST)
    assert not mark(home).exists()


def test_a_later_collection_does_not_lengthen_the_day(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    marked(home, store, collector)
    hours_ago = time.time() - DAY / 2
    os.utime(mark(home), (hours_ago, hours_ago))
    assert collector.collect(nothing) == 0
    assert mark(home).stat().st_mtime < time.time() - DAY / 3


def test_bytes_that_are_named_again_lose_their_mark(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    marked(home, store, collector)
    grow_old(mark(home))
    assert collector.collect(everything) == 0
    assert not mark(home).exists()
    assert read(store) == DATA


def test_bytes_that_come_back_stay(home: Path, store: ContentStore, collector: Collector) -> None:
    marked(home, store, collector)
    grow_old(mark(home))
    store.put_bytes(DATA)
    assert collector.collect(nothing) == 0
    assert read(store) == DATA


def test_bytes_that_come_back_while_a_collection_looks_stay(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    marked(home, store, collector)
    grow_old(mark(home))
    putting = threading.Thread(target=store.put_bytes, args=(DATA,))

    def named(digests: Collection[str]) -> set[str]:
        # Asked while the collection is alone: the bytes come back right after it.
        putting.start()
        return set()

    collector.collect(named)
    putting.join()
    assert read(store) == DATA
    assert not mark(home).exists()


def test_bytes_that_come_back_when_a_collection_has_begun_stay(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    datas = [str(number).encode() for number in range(60)]
    for data in datas:
        grow_old(blob(home, store.put_bytes(data)[0]))
    collector.collect(nothing)
    for each in mark(home).parent.iterdir():
        grow_old(each)
    left: list[int] = []

    def put_all() -> bool:
        # Between the first piece of the removals and the second.
        left.append(sum(1 for _ in blob(home).parents[1].glob("*/*")))
        for data in datas:
            store.put_bytes(data)
        return False

    assert collector.collect(nothing, put_all) == 60 - left[0]
    assert left[0] > 0
    assert sum(1 for _ in blob(home).parents[1].glob("*/*")) == 60


def test_a_purge_does_not_wait_but_spares_what_is_named(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    store.put_bytes(DATA)
    kept, _ = store.put_bytes(b"kept")
    freed = collector.remove([DIGEST, kept], lambda digests: {kept} & set(digests))
    assert freed == len(DATA)
    assert not blob(home).exists()
    assert read(store, kept) == b"kept"
    assert collector.remove([DIGEST], nothing) == 0


def test_a_purge_of_many_files_asks_in_pieces(store: ContentStore, collector: Collector) -> None:
    digests = [store.put_bytes(str(number).encode())[0] for number in range(1_100)]
    asked: list[int] = []

    def named(some: Collection[str]) -> set[str]:
        asked.append(len(some))
        return set()

    assert collector.remove(digests, named) == sum(len(str(number)) for number in range(1_100))
    assert max(asked) <= 1_000
    assert sum(asked) == 1_100


def test_a_purge_spares_bytes_whose_row_is_just_being_written(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    with store.naming():
        store.put_bytes(DATA)
        assert collector.remove([DIGEST], nothing) == 0
        assert read(store) == DATA
    assert mark(home).exists()
    grow_old(mark(home))
    assert collector.collect(everything) == 0
    assert read(store) == DATA


def test_nobody_puts_bytes_to_be_named_while_a_purge_takes_some(
    home: Path, store: ContentStore, collector: Collector
) -> None:
    store.put_bytes(DATA)
    done = threading.Event()

    def put() -> None:
        with store.naming():
            store.put_bytes(DATA)
        done.set()

    putting = threading.Thread(target=put)

    def named(digests: Collection[str]) -> set[str]:
        putting.start()
        assert not done.wait(0.2)
        return set()

    assert collector.remove([DIGEST], named) == len(DATA)
    putting.join()
    assert read(store) == DATA


def test_what_a_dead_process_left_half_written_goes(home: Path, collector: Collector) -> None:
    old, new = home / "tmp" / "blob-old", home / "tmp" / "blob-new"
    old.touch()
    new.touch()
    grow_old(old)
    collector.collect(everything)
    assert list((home / "tmp").iterdir()) == [new]


def test_files_of_others_are_left_alone(home: Path, collector: Collector) -> None:
    strangers = [home / "artifacts" / "sha256" / "ab" / "notes", mark(home).with_name("notes")]
    for stranger in strangers:
        stranger.parent.mkdir(exist_ok=True)
        stranger.touch()
        grow_old(stranger)
    assert collector.collect(nothing) == 0
    assert all(stranger.exists() for stranger in strangers)
