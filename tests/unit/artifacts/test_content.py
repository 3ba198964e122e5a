"""Bytes by content: written once, checked when read (security row S14)."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.artifacts.incoming import SMALL_BYTES
from jupyter_mlops.domain.errors import NotFound, StoreDamaged, Unavailable

DATA = b"some bytes " * 1_000
DIGEST = "sha256:" + hashlib.sha256(DATA).hexdigest()
# What is small is read whole when it is opened, all else as it is sent.
LARGE = DATA * (SMALL_BYTES // len(DATA) + 1)
SIZES = pytest.mark.parametrize("data", [DATA, LARGE], ids=["small", "large"])


@pytest.fixture
def store(home: Path) -> ContentStore:
    return ContentStore(home)


def blob(home: Path, digest: str = DIGEST) -> Path:
    digits = digest.removeprefix("sha256:")
    return home / "artifacts" / "sha256" / digits[:2] / digits[2:]


def read(store: ContentStore, digest: str = DIGEST) -> bytes:
    with store.open(digest) as file:
        return file.read()


def test_bytes_come_back_by_their_digest_however_they_came(
    store: ContentStore, home: Path, tmp_path: Path
) -> None:
    source = tmp_path / "file"
    source.write_bytes(DATA)
    assert store.put_bytes(DATA) == (DIGEST, len(DATA))
    assert store.put_stream(io.BytesIO(DATA)) == (DIGEST, len(DATA))
    assert store.take(tmp_path, "file") == (DIGEST, len(DATA))
    assert read(store) == DATA
    assert store.verify(DIGEST)
    assert [path.name for path in (home / "artifacts" / "sha256").glob("*/*")] == [DIGEST[9:]]
    assert list((home / "tmp").iterdir()) == []


def test_a_file_that_is_taken_is_not_written_again(
    store: ContentStore, home: Path, tmp_path: Path
) -> None:
    source = tmp_path / "file"
    source.write_bytes(DATA)
    inode = source.stat().st_ino
    store.take(tmp_path, "file")
    assert (blob(home).stat().st_ino, stat.S_IMODE(blob(home).stat().st_mode)) == (inode, 0o444)
    assert read(store) == DATA
    source.unlink()
    assert read(store) == DATA
    assert list((home / "tmp").iterdir()) == []


def test_a_file_that_was_taken_before_can_be_taken_again(
    store: ContentStore, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(DATA)
    store.take(tmp_path, "file")
    assert ContentStore(home).take(tmp_path, "file") == (DIGEST, len(DATA))
    (tmp_path / "file").unlink()
    assert read(store) == DATA


def test_a_file_that_has_another_name_elsewhere_is_copied(
    store: ContentStore, home: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(DATA)
    other.chmod(0o600)
    (tmp_path / "file").hardlink_to(other)
    (tmp_path / "link").symlink_to(other)
    assert store.take(tmp_path, "file") == (DIGEST, len(DATA))
    assert blob(home).stat().st_ino != other.stat().st_ino
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    with pytest.raises(NotFound):
        store.take(tmp_path, "link")


def test_a_file_on_a_disk_that_knows_no_second_name_is_copied(
    store: ContentStore, home: Path
) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        (Path(elsewhere) / "file").write_bytes(DATA)
        assert (Path(elsewhere).stat().st_dev) != home.stat().st_dev
        assert store.take(Path(elsewhere), "file") == (DIGEST, len(DATA))
    assert read(store) == DATA


def test_an_empty_file_is_a_file(store: ContentStore) -> None:
    digest, size = store.put_bytes(b"")
    assert (read(store, digest), size) == (b"", 0)


def test_stored_files_are_read_only_and_folders_private_whatever_the_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        store = ContentStore(home)
        store.put_bytes(DATA)
    finally:
        os.umask(before)
    assert stat.S_IMODE(blob(home).stat().st_mode) == 0o444
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


@pytest.mark.parametrize(
    "digest",
    [
        "sha256:" + "0" * 64,
        "sha256:../../../../etc/passwd",
        "sha256:" + "A" * 64,
        "md5:" + "0" * 64,
        "",
        DIGEST + "\n",
    ],
)
def test_what_is_not_there_is_not_found(store: ContentStore, digest: str) -> None:
    with pytest.raises(NotFound):
        store.open(digest)
    with pytest.raises(NotFound):
        store.verify(digest)


def flip(path: Path) -> None:
    """Change a byte of a stored file."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(5_000)
        file.write(b"X")


@SIZES
def test_a_flipped_byte_is_never_served(store: ContentStore, home: Path, data: bytes) -> None:
    digest, _ = store.put_bytes(data)
    assert read(store, digest) == data
    path = blob(home, digest)
    flip(path)
    with pytest.raises(StoreDamaged):
        store.open(digest)
    with pytest.raises(StoreDamaged):
        ContentStore(home).open(digest)
    assert not store.verify(digest)
    assert path.exists()


def test_a_shortened_or_linked_file_is_never_served(store: ContentStore, home: Path) -> None:
    store.put_bytes(DATA)
    path = blob(home)
    path.chmod(0o644)
    os.truncate(path, 10)
    with pytest.raises(StoreDamaged):
        store.open(DIGEST)
    path.unlink()
    good = home / "elsewhere"
    good.write_bytes(DATA)
    path.symlink_to(good)
    with pytest.raises(NotFound):
        store.open(DIGEST)


@SIZES
def test_storing_the_same_bytes_again_heals_a_damaged_copy(
    store: ContentStore, home: Path, data: bytes
) -> None:
    digest, _ = store.put_bytes(data)
    flip(blob(home, digest))
    store.put_bytes(data)
    assert read(store, digest) == data
    blob(home, digest).unlink()
    blob(home, digest).write_bytes(b"rotten")
    store.put_bytes(data)
    assert read(store, digest) == data
    assert list((home / "tmp").iterdir()) == []


def test_a_failing_source_leaves_nothing_behind(store: ContentStore, home: Path) -> None:
    class Torn(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise KeyError(size)

    before = list(home.rglob("*"))
    with pytest.raises(KeyError):
        store.put_stream(Torn())  # type: ignore[arg-type]
    assert list(home.rglob("*")) == before


def test_many_threads_and_stores_may_put_the_same_bytes(home: Path) -> None:
    stores = [ContentStore(home) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda number: stores[number % 4].put_bytes(DATA), range(64)))
    assert found == {(DIGEST, len(DATA))}
    assert read(stores[0]) == DATA


def test_a_home_that_cannot_be_locked_is_told_as_such(store: ContentStore, home: Path) -> None:
    for lock in (home / "artifacts").glob("*.lock"):
        lock.unlink()
        lock.mkdir()
    with pytest.raises(Unavailable), store.naming():
        raise AssertionError("nothing may be named without the lock")
    with pytest.raises(Unavailable):
        store.put_bytes(DATA)


def test_locks_are_there_before_they_are_needed(store: ContentStore, home: Path) -> None:
    locks = {path.name for path in (home / "artifacts").glob("*.lock")}
    with store.naming():
        store.put_bytes(DATA)
    assert locks == {path.name for path in (home / "artifacts").glob("*.lock")} != set()
