r"""The text of one stream as a terminal would show it, in bounded memory.

Text is resolved while it arrives: ``\r`` goes back to the start of the line and what follows
overwrites, a backspace takes back one character. So 50,000 updates of a progress bar leave one
line. Of a very long text the head and the tail are kept, and a line says what is missing.
"""

from __future__ import annotations

import re
from collections import deque

HEAD_CHARS = 1_000_000
TAIL_CHARS = 1_000_000
# What is longer than this is no progress bar: its start is out of reach for ``\r``.
LINE_CHARS = 65_536

_CONTROLS = re.compile(r"[\r\b\n]")


class StreamText:
    """Grows by `write`; ``line`` is the last line, which may still change."""

    def __init__(self, head: int = HEAD_CHARS, tail: int = TAIL_CHARS) -> None:
        self.line = ""
        self._cursor = 0
        self._head: list[str] = []
        self._head_room = head
        self._tail: deque[str] = deque()
        self._tail_chars = 0
        self._tail_limit = tail
        self._left_out_chars = 0
        self._left_out_lines = 0

    def write(self, text: str) -> str:
        """Add ``text`` and return the complete lines that it brought; they will not change."""
        if self._cursor == len(self.line) and "\r" not in text and "\b" not in text:
            final, newline, rest = text.rpartition("\n")
            if newline:
                final = f"{self.line}{final}\n"
                self.line = rest
            else:
                self.line += rest
            self._cursor = len(self.line)
        else:
            final = self._resolve(text)
        if self._cursor == len(self.line) > LINE_CHARS:
            final += self.line
            self.line, self._cursor = "", 0
        if final:
            self._keep(final)
        return final

    def text(self) -> str:
        """Return the whole text, or its head and tail around a line that says what is missing."""
        head, tail = "".join(self._head), "".join(self._tail)
        if self._left_out_chars:
            start = tail.find("\n", 0, min(LINE_CHARS, len(tail) - 1)) + 1
            between = (
                f"[... {self._left_out_chars + start:,} characters in about "
                f"{self._left_out_lines + 1:,} lines left out here; see the log of the run ...]\n"
            )
            tail = f"{'' if head.endswith(chr(10)) else chr(10)}{between}{tail[start:]}"
        return f"{head}{tail}{self.line}"

    def compact(self) -> None:
        """Give back the memory of many small pieces; writing may go on."""
        self._head = ["".join(self._head)]
        self._tail = deque(["".join(self._tail)])

    def _resolve(self, text: str) -> str:
        final: list[str] = []
        line, cursor, position = self.line, self._cursor, 0
        for control in _CONTROLS.finditer(text):
            line, cursor = _overwrite(line, cursor, text[position : control.start()])
            position = control.end()
            match control.group():
                case "\r":
                    cursor = 0
                case "\b":
                    line = line[: max(cursor - 1, 0)] + line[cursor:]
                    cursor = max(cursor - 1, 0)
                case _:
                    final.append(f"{line}\n")
                    line, cursor = "", 0
        self.line, self._cursor = _overwrite(line, cursor, text[position:])
        return "".join(final)

    def _keep(self, piece: str) -> None:
        if self._head_room:
            if len(piece) <= self._head_room:
                self._head.append(piece)
                self._head_room -= len(piece)
                return
            cut = piece.rfind("\n", 0, self._head_room) + 1
            if not cut and not self._head:
                cut = self._head_room
            self._head.append(piece[:cut])
            self._head_room = 0
            piece = piece[cut:]
        if len(piece) > self._tail_limit:
            self._leave_out(piece[: -self._tail_limit])
            piece = piece[-self._tail_limit :]
        self._tail.append(piece)
        self._tail_chars += len(piece)
        # Cutting a large piece copies it, so it is not done for every line that follows.
        if self._tail_chars > self._tail_limit + self._tail_limit // 16:
            self._shorten_tail(self._tail_chars - self._tail_limit)

    def _shorten_tail(self, excess: int) -> None:
        self._tail_chars -= excess
        while excess >= len(self._tail[0]):
            oldest = self._tail.popleft()
            excess -= len(oldest)
            self._leave_out(oldest)
        if excess:
            oldest = self._tail[0]
            self._leave_out(oldest[:excess])
            self._tail[0] = oldest[excess:]

    def _leave_out(self, piece: str) -> None:
        self._left_out_chars += len(piece)
        self._left_out_lines += piece.count("\n")


def _overwrite(line: str, cursor: int, text: str) -> tuple[str, int]:
    if not text:
        return line, cursor
    if cursor == len(line):
        line += text
    elif "\x1b" in line or "\x1b" in text:
        # Colours have characters but no width; who rewrites a coloured line rewrites all of it.
        line = line[:cursor] + text
        return line, len(line)
    else:
        line = line[:cursor] + text + line[cursor + len(text) :]
    return line, cursor + len(text)
