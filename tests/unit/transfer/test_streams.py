"""Streams: a file is as long as was announced, or nobody takes it for whole."""

from __future__ import annotations

from io import BytesIO

import pytest

from jupyter_mlops.transfer.streams import PIECE_BYTES, Exactly, OtherLength, measured


def whole(file: BytesIO, size: int) -> bytes:
    stream, found = Exactly(file, size), b""
    while data := stream.read():
        found += data
    return found


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_a_file_of_the_announced_length_is_read_whole(size: int) -> None:
    assert whole(BytesIO(b"x" * size), size) == b"x" * size


@pytest.mark.parametrize("size", [1, PIECE_BYTES + 1])
def test_another_length_is_an_error(size: int) -> None:
    with pytest.raises(OtherLength, match="shorter"):
        whole(BytesIO(b"x" * (size - 1)), size)
    with pytest.raises(OtherLength, match="longer"):
        whole(BytesIO(b"x" * (size + 1)), size)
    with pytest.raises(OtherLength, match="longer"):
        whole(BytesIO(b"x"), 0)


def test_a_file_of_unknown_length_is_measured() -> None:
    with measured(BytesIO(b"x" * (PIECE_BYTES + 5))) as (copy, size):
        assert size == PIECE_BYTES + 5
        assert whole(BytesIO(copy.read()), size) == b"x" * size
