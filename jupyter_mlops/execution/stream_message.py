"""Reading a stream message: a kernel may send hundreds of megabytes of text in one.

Such a text is decoded piece by piece, so that the memory of the worker holds it only once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.execution.notebook_json import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_mlops.execution.kernel_wire import Message

PIECE_BYTES = 1 << 22
# The longest escape is that of a surrogate pair, as in \ud83d\ude00.
_ESCAPE_BYTES = 12
_WINDOW_BYTES = 4096


class _Small(msgspec.Struct):
    name: str
    text: str


class _Large(msgspec.Struct):
    name: str
    text: msgspec.Raw


_small = msgspec.json.Decoder(_Small)
_large = msgspec.json.Decoder(_Large)


def read_stream(message: Message) -> tuple[str, Iterable[str]]:
    """Return the name of the stream and its text, a long one in pieces."""
    try:
        if len(message.content) > PIECE_BYTES:
            large = _large.decode(message.content)
            return large.name, _pieces(memoryview(large.text))
        small = _small.decode(message.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        sloppy = message.read()
        return str(sloppy.get("name", "stdout")), [joined(sloppy.get("text"))]
    return small.name, [small.text]


def _pieces(quoted: memoryview) -> Iterator[str]:
    """Decode a JSON string in pieces; what is no UTF-8 in it becomes a replacement character."""
    start, end = 1, len(quoted) - 1
    while start < end:
        stop = _safe_cut(quoted, start + PIECE_BYTES, end)
        piece = bytes(quoted[start:stop]).decode("utf-8", "replace")
        yield msgspec.json.decode(f'"{piece}"', type=str)
        start = stop


def _safe_cut(quoted: memoryview, wanted: int, end: int) -> int:
    """Return the first place from ``wanted`` on that is within no escape and no character."""
    while wanted < end:
        window = bytes(quoted[wanted - _ESCAPE_BYTES : wanted + _WINDOW_BYTES])
        clear = 0
        for index, byte in enumerate(window):
            if clear >= _ESCAPE_BYTES and byte & 0xC0 != 0x80:
                return min(wanted - _ESCAPE_BYTES + index, end)
            clear = 0 if byte == ord("\\") else clear + 1
        wanted += _WINDOW_BYTES
    return end
