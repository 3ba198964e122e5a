"""Bytes on their way from one end to the other: exactly as many as were announced, or an error."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from jupyter_mlops.client import ClientError

PIECE_BYTES = 1 << 18


class Readable(Protocol):
    """Anything that gives its bytes by pieces, and none at its end."""

    def read(self, count: int, /) -> bytes:
        """Return at most so many bytes."""
        ...


class OtherLength(Exception):
    """A file is shorter or longer than its list says; the text tells which."""


class Exactly:
    """Reads a file to the length that was announced; OtherLength when it has another one.

    A longer one is noticed before its last piece is given, so that nobody takes it for whole.
    """

    def __init__(self, file: Readable, size: int) -> None:
        self._file = file
        self._left = size
        self._empty = size == 0

    def read(self, _count: int = -1) -> bytes:
        """Return the next piece."""
        if not self._left and not self._empty:
            return b""
        self._empty = False
        data = self._file.read(min(PIECE_BYTES, self._left)) if self._left else b""
        if self._left and not data:
            raise OtherLength("it is shorter than its list says")
        self._left -= len(data)
        if not self._left and self._file.read(1):
            raise OtherLength("it is longer than its list says")
        return data


class Body:
    """What a server sends; raises what ``away`` makes of it when that ends too early."""

    def __init__(
        self, answer: http.client.HTTPResponse, away: Callable[[Exception], ClientError]
    ) -> None:
        self._answer = answer
        self._away = away

    def read(self, count: int, /) -> bytes:
        """Return the next piece."""
        try:
            data = self._answer.read(count)
        except (OSError, http.client.HTTPException) as error:
            raise self._away(error) from error
        # A connection that was cut looks like the end.
        if not data and count and self._answer.length:
            raise self._away(ConnectionError("it stopped in the middle of a file"))
        return data


@contextmanager
def measured(file: Readable) -> Iterator[tuple[BinaryIO, int]]:
    """Give a copy of a file whose length nobody told, and that length."""
    with tempfile.TemporaryFile() as copy:
        while data := file.read(PIECE_BYTES):
            copy.write(data)
        size = copy.tell()
        copy.seek(0)
        yield copy, size
