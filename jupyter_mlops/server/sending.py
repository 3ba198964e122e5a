"""A blob goes out in pieces: never whole in memory, at the pace of the client."""

from __future__ import annotations

import io
from collections.abc import Awaitable
from functools import partial
from typing import BinaryIO, Protocol

from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError

from jupyter_mlops.api.blobs import span
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.server.workroom import Workroom

PIECE_BYTES = 256 * 1024
READ_TIMEOUT_SECONDS = 30.0


class Outlet(Protocol):
    """Where an answer goes: a handler of Tornado, or a ``Reply``."""

    request: HTTPServerRequest

    def set_status(self, status_code: int) -> None:
        """Set the status, before anything is sent."""

    def set_header(self, name: str, value: str) -> None:
        """Set one header, before anything is sent."""

    def write(self, chunk: bytes) -> None:
        """Add a piece of the body."""

    def flush(self) -> Awaitable[None]:
        """Send what was written."""


async def send(outlet: Outlet, blob: FileBlob, workroom: Workroom) -> None:
    """Write the part of ``blob`` that the request asks for, and close it. Headers are set before.

    Raises RangeNotSatisfiable before anything was written.
    """
    with blob.file as file:
        asked = outlet.request.headers
        if blob.digest is not None and _has(asked.get("If-None-Match"), blob.digest):
            outlet.set_status(304)
            return
        part = span(blob, asked.get("Range"), asked.get("If-Range"))
        if part.partial:
            outlet.set_status(206)
            outlet.set_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{blob.size}")
        outlet.set_header("Content-Length", str(part.stop - part.start))
        bodiless = outlet.request.method == "HEAD"
        try:
            if isinstance(file, io.BytesIO) and not bodiless:
                # It goes out with the headers, in one write and without another thread.
                outlet.write(_read(file, part.start, part.stop - part.start))
            await outlet.flush()
            if not bodiless and not isinstance(file, io.BytesIO):
                await _pieces(outlet, file, part.start, part.stop, workroom)
        except StreamClosedError:
            return  # the client went away; there is nobody to tell


async def _pieces(
    outlet: Outlet, file: BinaryIO, start: int, stop: int, workroom: Workroom
) -> None:
    while start < stop:
        read = partial(_read, file, start, min(PIECE_BYTES, stop - start))
        piece = await workroom.run(read, READ_TIMEOUT_SECONDS)
        if not piece:
            # Shorter than announced: end the connection, so that the client cannot mistake
            # what it has for the whole. It has one, which the stubs do not say.
            outlet.request.connection.stream.close()  # type: ignore[union-attr]
            return
        outlet.write(piece)
        await outlet.flush()
        start += len(piece)


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)


def _has(if_none_match: str | None, digest: str) -> bool:
    if if_none_match is None:
        return False
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return f'"{digest}"' in known
