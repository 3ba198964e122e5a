"""Bytes that arrive piece by piece are kept whole or leave nothing, in whatever order it ends."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.artifacts.incoming import SMALL_BYTES
from jupyter_mlops.domain.errors import InvalidRequest

PIECES = [b"some", b"", b"bytes" * 100_000]
DIGEST = "sha256:" + hashlib.sha256(b"".join(PIECES)).hexdigest()


@pytest.fixture
def store(home: Path) -> ContentStore:
    return ContentStore(home)


def left(home: Path) -> list[Path]:
    return list((home / "tmp").iterdir())


def test_what_arrived_in_pieces_is_kept_as_one(store: ContentStore, home: Path) -> None:
    incoming = store.begin()
    for piece in PIECES:
        incoming.write(piece)
    assert store.keep(incoming) == (DIGEST, sum(map(len, PIECES)))
    incoming.discard()
    assert left(home) == []
    with store.open(DIGEST) as file:
        assert file.read() == b"".join(PIECES)


@pytest.mark.parametrize("pieces", [[b"few"], [b"some", b"", b"bytes" * 10], [b""]])
def test_few_bytes_have_no_file_before_they_are_kept(
    store: ContentStore, home: Path, pieces: list[bytes]
) -> None:
    data = b"".join(pieces)
    incoming = store.begin(declared=len(data))
    for piece in pieces:
        incoming.write(piece)
    assert left(home) == []
    digest, size = store.keep(incoming)
    assert (digest, size) == (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
    assert left(home) == []
    with store.open(digest) as file:
        assert file.read() == data
    with pytest.raises(InvalidRequest):
        incoming.write(b"more")


def test_more_than_was_declared_is_kept_all_the_same(store: ContentStore, home: Path) -> None:
    pieces = [b"first", b"x" * SMALL_BYTES, b"last"]
    incoming = store.begin(declared=5)
    for piece in pieces:
        incoming.write(piece)
    assert len(left(home)) == 1
    digest, size = store.keep(incoming)
    assert size == SMALL_BYTES + 9
    with store.open(digest) as file:
        assert file.read() == b"".join(pieces)


def test_very_many_pieces_at_once_are_kept_in_their_order(store: ContentStore) -> None:
    pieces = [bytes([number % 256]) * (number % 7) for number in range(100_000)]
    incoming = store.begin()
    incoming.write(*pieces)
    digest, _ = store.keep(incoming)
    with store.open(digest) as file:
        assert file.read() == b"".join(pieces)


def test_what_was_given_up_leaves_nothing_and_takes_nothing(
    store: ContentStore, home: Path
) -> None:
    incoming = store.begin()
    incoming.write(PIECES[0])
    incoming.discard()
    incoming.discard()
    assert left(home) == []
    with pytest.raises(InvalidRequest):
        incoming.write(PIECES[2])
    with pytest.raises(InvalidRequest):
        store.keep(incoming)
    assert store.size(DIGEST) is None


def test_a_file_is_not_closed_under_who_keeps_it(store: ContentStore, home: Path) -> None:
    incoming = store.begin()
    incoming.write(PIECES[0])
    with incoming.whole() as file:
        # Its client goes away now: another thread gives the upload up.
        leaving = threading.Thread(target=incoming.discard)
        leaving.start()
        leaving.join(0.2)
        assert leaving.is_alive()
        assert os.fstat(file).st_size == len(PIECES[0])
        assert incoming.temporary.exists()
    leaving.join()
    assert left(home) == []
