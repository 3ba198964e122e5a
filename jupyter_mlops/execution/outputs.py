"""What a cell shows: its outputs as the kernel's messages build them, each encoded once.

Streams are joined while they arrive (`stream_text`); anything else is kept as the bytes that the
notebook file will hold, so that a save never encodes a large image again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.execution.masking import Masker, StreamMask
from jupyter_mlops.execution.notebook_json import encode, lines
from jupyter_mlops.execution.output_room import OUTPUT_DEPTH, LeftOut, Room
from jupyter_mlops.execution.stream_message import read_stream
from jupyter_mlops.execution.stream_text import HEAD_CHARS, StreamText

if TYPE_CHECKING:
    from jupyter_mlops.execution.kernel_wire import Message
    from jupyter_mlops.execution.run_log import RunLog

# Beyond this many outputs, streams that alternate are joined with the last one of their name.
_ALTERNATING = 100
_ERROR_CHARS = 1_000_000
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_JSON_MIME = re.compile(r"application/(.*\+)?json")
# What nbformat writes as a list of lines.
_TEXT_MIME = re.compile(r"text/.*|image/svg\+xml|application/javascript")


class _Shown(msgspec.Struct):
    data: dict[str, msgspec.Raw] = {}
    metadata: dict[str, msgspec.Raw] = {}
    transient: dict[str, Any] | None = None
    execution_count: int | None = None


_shown = msgspec.json.Decoder(_Shown)


class Stream:
    """Adjacent texts of one stream of a cell; its lines go to the log as they become final."""

    def __init__(self, name: str, masker: Masker, log: RunLog) -> None:
        self.name = name
        self._text = StreamText()
        self._mask = StreamMask(masker)
        self._log = log
        self._ended_line = ""
        self._encoded: bytes | None = None

    def write(self, text: str) -> None:
        """Add ``text``, masked and resolved."""
        self._encoded = None
        if final := self._text.write(self._mask.feed(text)):
            self._log.lines(final)

    def tick(self) -> None:
        """Bring the unfinished line to the log."""
        self._log.partial(self._text.line)

    def end(self) -> None:
        """Nothing follows for now: release what masking held back, and memory."""
        if held := self._mask.finish():
            self._encoded = None
            if final := self._text.write(held):
                self._log.lines(final)
        if self._text.line != self._ended_line:
            self._ended_line = self._text.line
            self._log.lines(f"{self._text.line}\n")
        self._text.compact()

    def encoded(self) -> bytes:
        """Return the output as it stands in the notebook file."""
        if self._encoded is None:
            text = lines(self._text.text())
            output = {"name": self.name, "output_type": "stream", "text": text}
            self._encoded = encode(output, OUTPUT_DEPTH)
        return self._encoded


class Rich:
    """Data of several MIME types; `replace` serves ``update_display_data``."""

    def __init__(self, kind: str, shown: _Shown) -> None:
        self._kind = kind
        self._execution_count = shown.execution_count
        self._encoded = self._encode(shown)

    def replace(self, shown: _Shown, room: Room) -> bool:
        """Take data and metadata of ``shown`` if there is room; the place among the outputs stays."""
        encoded = self._encode(shown)
        more = len(encoded) - len(self._encoded)
        if not room.admits_bytes(more):
            return False
        room.take(more)
        self._encoded = encoded
        return True

    def _encode(self, shown: _Shown) -> bytes:
        output: dict[str, Any] = {
            "data": {mime: _value(mime, raw) for mime, raw in shown.data.items()},
            "metadata": shown.metadata,
            "output_type": self._kind,
        }
        if self._kind == "execute_result":
            output["execution_count"] = self._execution_count
        return encode(output, OUTPUT_DEPTH)

    def encoded(self) -> bytes:
        """Return the output as it stands in the notebook file."""
        return self._encoded


class Failure:
    """An error with its traceback."""

    def __init__(self, content: dict[str, Any], masker: Masker) -> None:
        traceback = content.get("traceback")
        frames = traceback if isinstance(traceback, list) else []
        self.name = _bounded(masker.text(str(content.get("ename") or "Error")))
        self.value = _bounded(masker.text(str(content.get("evalue") or "")))
        self.traceback = [_bounded(masker.text(str(frame))) for frame in frames]

    def plain(self) -> str:
        """Return the traceback without colours, or the bare error if there is none."""
        text = "\n".join(self.traceback) or f"{self.name}: {self.value}"
        return f"{_ANSI.sub('', text)}\n"

    def encoded(self) -> bytes:
        """Return the output as it stands in the notebook file."""
        output = {
            "ename": self.name,
            "evalue": self.value,
            "output_type": "error",
            "traceback": self.traceback,
        }
        return encode(output, OUTPUT_DEPTH)


class Displays:
    """Which outputs of the whole notebook carry a display id."""

    def __init__(self) -> None:
        self._outputs: dict[str, list[tuple[CellOutputs, Rich]]] = {}

    def add(self, display_id: str, cell: CellOutputs, output: Rich) -> None:
        """Remember that ``output`` of ``cell`` can be updated."""
        self._outputs.setdefault(display_id, []).append((cell, output))

    def update(self, display_id: str, shown: _Shown) -> None:
        """Replace what every output with this id shows."""
        for cell, output in self._outputs.get(display_id, ()):
            cell.replace(output, shown)

    def forget(self, cell: CellOutputs) -> None:
        """Drop the outputs of a cell that was cleared."""
        for display_id, outputs in self._outputs.items():
            self._outputs[display_id] = [entry for entry in outputs if entry[0] is not cell]


class CellOutputs:
    """The outputs of one cell; ``changed`` says that they differ from what was saved."""

    def __init__(self, masker: Masker, displays: Displays, log: RunLog) -> None:
        self.changed = False
        self._outputs: list[Stream | Rich | Failure | LeftOut] = []
        self._room = Room()
        self._left_out: LeftOut | None = None
        self._masker = masker
        self._displays = displays
        self._log = log
        self._clear_before_next = False
        self._streams: dict[str, Stream] = {}
        self._stream_chars: dict[str, int] = {}

    def take(self, message: Message) -> None:
        """Take one IOPub message; kinds that are no output are ignored."""
        match message.type:
            case "stream":
                self._take_stream(message)
            case "display_data" | "execute_result" | "update_display_data":
                self._take_shown(message)
            case "error":
                if self._room.admits_one(message.type):
                    self.fail(message.read())
                else:
                    self._leave_out()
            case "clear_output":
                self._clear_before_next = bool(message.read().get("wait"))
                if not self._clear_before_next:
                    self._clear()

    def fail(self, content: dict[str, Any]) -> Failure:
        """Add an error as a kernel describes it (ename, evalue, traceback), and return it masked."""
        failure = Failure(content, self._masker)
        self._append(failure)
        self._log.lines(failure.plain())
        return failure

    def tick(self) -> None:
        """Bring an unfinished line to the log."""
        if self._outputs and isinstance(last := self._outputs[-1], Stream):
            last.tick()

    def end(self) -> None:
        """Close the streams of a finished cell; what its threads still write is taken all the same."""
        for stream in self._streams.values():
            stream.end()
        self.changed = True

    def fragments(self) -> list[bytes]:
        """Return the encoded outputs, in order."""
        return [output.encoded() for output in self._outputs]

    def _take_stream(self, message: Message) -> None:
        name, pieces = read_stream(message)
        self._clear_if_due()
        chars = self._stream_chars.get(name, 0)
        stream = self._streams.get(name)
        if stream is None or (
            self._outputs[-1] is not stream
            and len(self._outputs) < _ALTERNATING
            and chars < HEAD_CHARS
        ):
            stream = self._streams[name] = Stream(name, self._masker, self._log)
            self._append(stream)
        for text in pieces:
            chars += len(text)
            stream.write(text)
        self._stream_chars[name] = chars
        self.changed = True

    def _take_shown(self, message: Message) -> None:
        shown = self._read_shown(message)
        display_id = str((shown.transient or {}).get("display_id") or "")
        if display_id:
            self._displays.update(display_id, shown)
        if message.type != "update_display_data":
            self._clear_if_due()
            self._show(message.type, shown, display_id)

    def _show(self, kind: str, shown: _Shown, display_id: str) -> None:
        has_room = self._room.admits_one(kind) and self._room.admits_bytes(_least_size(shown))
        output = Rich(kind, shown) if has_room else None
        if output is None or not self._room.admits_bytes(len(output.encoded())):
            self._leave_out()
            return
        self._room.take(len(output.encoded()))
        self._append(output)
        if display_id:
            self._displays.add(display_id, self, output)

    def replace(self, output: Rich, shown: _Shown) -> None:
        """Let an output of this cell show something else, if that has room."""
        if self._room.admits_bytes(_least_size(shown) - len(output.encoded())) and output.replace(
            shown, self._room
        ):
            self.changed = True
        else:
            self._leave_out()

    def _read_shown(self, message: Message) -> _Shown:
        # A large image stays the bytes that came, unless a secret could be in it.
        if not self._masker:
            try:
                shown = _shown.decode(message.content)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
            else:
                if all(_is_utf8(raw) for raw in shown.data.values()):
                    return shown
        content = self._masker.tree(message.read())
        parts = {name: content.get(name) for name in ("data", "metadata", "transient")}
        shaped: dict[str, Any] = {
            name: part if isinstance(part, dict) else {} for name, part in parts.items()
        }
        count = content.get("execution_count")
        shaped["execution_count"] = count if type(count) is int else None
        return _shown.decode(msgspec.json.encode(shaped))

    def _leave_out(self) -> None:
        if self._left_out is None:
            self._left_out = LeftOut()
            self._append(self._left_out)
        self._left_out.count += 1
        self.changed = True

    def _append(self, output: Stream | Rich | Failure | LeftOut) -> None:
        self._clear_if_due()
        if self._outputs and isinstance(last := self._outputs[-1], Stream):
            last.end()
        self._outputs.append(output)
        self.changed = True

    def _clear_if_due(self) -> None:
        if self._clear_before_next:
            self._clear()

    def _clear(self) -> None:
        self._clear_before_next = False
        self._room = Room()
        self._left_out = None
        if self._outputs:
            self._displays.forget(self)
            self._outputs.clear()
            self._streams.clear()
            self._stream_chars.clear()
            self.changed = True


def _least_size(shown: _Shown) -> int:
    """Return how many bytes the notebook file would hold at least: what came may be escaped."""
    return sum(memoryview(raw).nbytes for raw in shown.data.values()) // 3


def _is_utf8(raw: msgspec.Raw) -> bool:
    # msgspec skips over raw strings without looking into them.
    data = bytes(raw)
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _value(mime: str, raw: msgspec.Raw) -> Any:
    """Return what the notebook format allows for ``mime``: text for all but JSON types."""
    if _JSON_MIME.fullmatch(mime):
        return raw
    data = bytes(raw)
    if data.startswith(b'"'):
        if _TEXT_MIME.fullmatch(mime):
            return lines(msgspec.json.decode(data, type=str))
        return raw
    value = msgspec.json.decode(data)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return msgspec.json.encode(value).decode()


def _bounded(text: str) -> str:
    if len(text) <= _ERROR_CHARS:
        return text
    half = _ERROR_CHARS // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"
