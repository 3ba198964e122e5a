"""The wire to a kernel: Jupyter messages over ZeroMQ, read with as little work as each needs.

A notebook may print hundreds of thousands of times; jupyter_client decodes every part of every
message (dates, metadata, content), which alone would cost more than all the rest. Here a frame is
checked (HMAC), its type and parent are read, and the content stays bytes until somebody wants it.
Protocol: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import msgspec
import zmq
from jupyter_client.blocking.client import BlockingKernelClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.execution.started_kernel import StartedKernel

_DELIMITER = b"<IDS|MSG>"
_ASK_AGAIN_SECONDS = 0.1
_BATCH = 256
_LARGE_BYTES = 1 << 20


class _Header(msgspec.Struct, frozen=True):
    msg_type: str = ""
    date: str = ""


class _Parent(msgspec.Struct, frozen=True):
    msg_id: str = ""


class Message(msgspec.Struct, frozen=True):
    """A message from the kernel; ``content`` is JSON, ``date`` ISO 8601 as the kernel sent it."""

    channel: str
    type: str
    parent: str
    date: str
    content: bytes | memoryview
    buffers: list[bytes | memoryview]

    def read(self) -> dict[str, Any]:
        """Return the content decoded, also when it is sloppy JSON (NaN, lone surrogates).

        What no decoder takes counts as empty: a broken kernel must not break the worker.
        """
        try:
            content = msgspec.json.decode(self.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            try:
                text = bytes(self.content).decode("utf-8", "replace")
                content = _without_surrogates(json.loads(text))
            except (ValueError, RecursionError):
                return {}
        except RecursionError:
            return {}
        return content if isinstance(content, dict) else {}


def _without_surrogates(value: Any) -> Any:
    """Replace what UTF-8 cannot carry; it would make the saved notebook unreadable."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _receive(socket: zmq.Socket[bytes]) -> list[bytes | memoryview]:
    """Return the frames of the next message; large ones stay where ZeroMQ received them."""
    frames: list[bytes | memoryview] = []
    while True:
        frame = socket.recv(zmq.NOBLOCK, copy=False)
        frames.append(frame.bytes if len(frame) < _LARGE_BYTES else memoryview(frame.buffer))
        if not frame.more:
            return frames


class KernelWire:
    """Shell and IOPub of one kernel; to be used by one thread."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client
        # Receiving without a limit: at the usual 1,000 messages ZeroMQ silently drops output
        # while a large notebook is being saved.
        client.context.setsockopt(zmq.RCVHWM, 0)
        # A kernel that is still starting has not bound its sockets: try again soon (in ms).
        client.context.setsockopt(zmq.RECONNECT_IVL, 5)
        client.start_channels(stdin=False, hb=False, control=False)
        self._sockets = {
            client.iopub_channel.socket: "iopub",
            client.shell_channel.socket: "shell",
        }
        self._poller = zmq.Poller()
        for socket in self._sockets:
            self._poller.register(socket, zmq.POLLIN)
        self._key = client.session.key
        self._header = msgspec.json.Decoder(_Header)
        self._parent = msgspec.json.Decoder(_Parent)

    @classmethod
    def connect(cls, kernel: StartedKernel) -> tuple[KernelWire, dict[str, Any]]:
        """Return the wire of a kernel that answered and whose IOPub flows, and its info reply.

        Raises KernelNotStarted or StoppedWhileStarting of `started_kernel`.
        """
        client = BlockingKernelClient()
        client.load_connection_info(kernel.manager.get_connection_info())
        wire = cls(client)
        try:
            return wire, wire._await_kernel(kernel)
        except BaseException:
            wire.close()
            raise

    def _await_kernel(self, kernel: StartedKernel) -> dict[str, Any]:
        # jupyter_client's wait_for_ready waits for fixed silences (0.2 to 0.5 s). Any status
        # with one of our requests as its parent proves that the IOPub subscription stands.
        requests: set[str] = set()
        asked = 0.0
        info: dict[str, Any] = {}
        flowing = False
        while not (info and flowing):
            # A kernel that has not answered is still importing: the request waits in its queue.
            if not requests or (info and time.monotonic() - asked > _ASK_AGAIN_SECONDS):
                requests.add(self._client.kernel_info())
                asked = time.monotonic()
            for message in self.receive(0.02):
                if message.parent not in requests:
                    continue
                if message.type == "kernel_info_reply":
                    info = message.read()
                elif message.channel == "iopub":
                    flowing = True
            kernel.check_start()
        return info

    def execute(
        self,
        code: str,
        *,
        silent: bool = False,
        stop_on_error: bool = True,
        expressions: dict[str, str] | None = None,
    ) -> str:
        """Send code to the kernel and return the id that its messages will name as their parent."""
        message_id: str = self._client.execute(
            code,
            silent=silent,
            store_history=not silent,
            user_expressions=expressions,
            allow_stdin=False,
            stop_on_error=stop_on_error,
        )
        return message_id

    def send_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send a message of a comm to the kernel."""
        session = self._client.session
        self._client.shell_channel.send(session.msg("comm_msg", {"comm_id": comm_id, "data": data}))

    def receive(self, timeout: float) -> Iterator[Message]:
        """Wait up to ``timeout`` seconds and yield what has arrived, IOPub before shell."""
        ready = dict(self._poller.poll(round(timeout * 1000)))
        for socket, channel in self._sockets.items():
            if socket not in ready:
                continue
            for _ in range(_BATCH):
                try:
                    frames = _receive(socket)
                except zmq.Again:
                    break
                message = self._read(channel, frames)
                if message is not None:
                    yield message

    def _read(self, channel: str, frames: list[bytes | memoryview]) -> Message | None:
        try:
            start = frames.index(_DELIMITER) + 1
            signature, header, parent, metadata, content = frames[start : start + 5]
        except ValueError:
            return None
        if self._key and not self._signed(bytes(signature), header, parent, metadata, content):
            return None
        try:
            head = self._header.decode(header)
            parent_id = self._parent.decode(parent).msg_id
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return Message(channel, head.msg_type, parent_id, head.date, content, frames[start + 5 :])

    def _signed(self, signature: bytes, *parts: bytes | memoryview) -> bool:
        if isinstance(parts[-1], bytes):
            digest = hmac.digest(self._key, b"".join(parts), "sha256")
        else:
            running = hmac.new(self._key, digestmod="sha256")
            for part in parts:
                running.update(part)
            digest = running.digest()
        return hmac.compare_digest(digest.hex().encode(), signature)

    def close(self) -> None:
        """Close the sockets; the kernel lives on."""
        self._client.stop_channels()
        self._client.context.destroy(linger=100)
