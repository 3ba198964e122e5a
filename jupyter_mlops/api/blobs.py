"""How bytes of a user leave the server: never as something a browser would act on (row S16)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from jupyter_mlops.api.problems import RangeNotSatisfiable
from jupyter_mlops.artifacts.blob import FileBlob

_OCTETS = "application/octet-stream"
# Types that no browser runs. HTML and SVG are absent on purpose: they leave as plain bytes.
_PASSIVE_TYPES = frozenset(
    {
        "application/json",
        "application/pdf",
        "application/x-ipynb+json",
        "application/zip",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/markdown",
        "text/plain",
        "text/tab-separated-values",
    }
)
_CHARSET = "; charset=utf-8"
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9 ._()+-]")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True)
class Span:
    """The bytes ``start`` to ``stop`` (exclusive) of a file; ``partial`` when a range was asked."""

    start: int
    stop: int
    partial: bool


def headers_of(blob: FileBlob) -> dict[str, str]:
    """Return the headers that keep the bytes of ``blob`` inert in a browser."""
    media_type = blob.media_type if blob.media_type in _PASSIVE_TYPES else _OCTETS
    if media_type.startswith("text/"):
        media_type += _CHARSET
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": disposition(blob.filename),
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }
    if blob.digest is not None:
        headers["ETag"] = f'"{blob.digest}"'
    return headers


def disposition(filename: str) -> str:
    """Return ``Content-Disposition: attachment`` for any file name (RFC 6266, RFC 8187)."""
    plain = _UNSAFE_IN_NAME.sub("_", filename) or "file"
    exact = quote(filename.encode(errors="replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def span(blob: FileBlob, range_header: str | None, if_range: str | None) -> Span:
    """Return which bytes to send; several ranges, or a stale If-Range, get the whole file."""
    whole = Span(0, blob.size, partial=False)
    if range_header is None:
        return whole
    if if_range is not None and (blob.digest is None or if_range != f'"{blob.digest}"'):
        return whole
    found = _RANGE.fullmatch(range_header.strip())
    if found is None or not (found[1] or found[2]):
        return whole
    if not found[1]:
        start, stop = max(0, blob.size - int(found[2])), blob.size
    else:
        start = int(found[1])
        stop = min(blob.size, int(found[2]) + 1) if found[2] else blob.size
    if start >= stop:
        raise RangeNotSatisfiable("The file does not have the range of bytes asked for.")
    return Span(start, stop, partial=True)
