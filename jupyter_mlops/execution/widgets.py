"""The state of ipywidgets, so that the executed notebook shows them without a kernel.

The kernel speaks to a front end that is not there: states are collected from its comm messages
(schema: ``@jupyter-widgets/schema``, version 2), and for the Output widget, which asks the front
end to put outputs into it, the front end's part is played.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.execution.kernel_wire import Message
    from jupyter_mlops.execution.masking import Masker
    from jupyter_mlops.execution.outputs import CellOutputs

STATE_MIME = "application/vnd.jupyter.widget-state+json"
_TARGET = "jupyter.widget"
_OUTPUT_MODULE = "@jupyter-widgets/output"
_COMM = frozenset({"comm_open", "comm_msg", "comm_close"})
_OUTPUT = frozenset({"stream", "display_data", "execute_result", "error", "clear_output"})


class Widgets:
    """All widgets of a kernel; ``changed`` says that `metadata` has something new.

    ``send`` sends comm data to the kernel, ``new_outputs`` makes the outputs of an Output widget.
    """

    def __init__(
        self,
        masker: Masker,
        send: Callable[[str, dict[str, Any]], None],
        new_outputs: Callable[[], CellOutputs],
    ) -> None:
        self.changed = False
        self._masker = masker
        self._send = send
        self._new_outputs = new_outputs
        self._states: dict[str, dict[str, Any]] = {}
        self._buffers: dict[str, dict[str, dict[str, Any]]] = {}
        self._captured: dict[str, CellOutputs] = {}
        # Which Output widgets want the outputs of a request, the innermost last.
        self._capturing: dict[str, list[str]] = {}

    def take(self, message: Message) -> bool:
        """Take a message if it is for a widget; False leaves it to the cell."""
        if message.type in _COMM:
            self._take_comm(message)
            return True
        capturing = self._capturing.get(message.parent)
        if capturing and message.type in _OUTPUT:
            self._captured.setdefault(capturing[-1], self._new_outputs()).take(message)
            self.changed = True
            return True
        return False

    def metadata(self) -> dict[str, Any] | None:
        """Return the notebook's ``widgets`` metadata; None without widgets."""
        self.changed = False
        state = {
            identity: self._described(identity, state)
            for identity, state in self._states.items()
            if "_model_name" in state
        }
        if not state:
            return None
        return {STATE_MIME: {"state": state, "version_major": 2, "version_minor": 0}}

    def _described(self, identity: str, state: dict[str, Any]) -> dict[str, Any]:
        if identity in self._captured:
            state = state | {"outputs": self._outputs(identity)}
        described = {
            "model_name": state.get("_model_name"),
            "model_module": state.get("_model_module"),
            "model_module_version": state.get("_model_module_version"),
            "state": state,
        }
        if buffers := self._buffers.get(identity):
            described["buffers"] = list(buffers.values())
        return described

    def _outputs(self, identity: str) -> list[Any]:
        before = self._states[identity].get("outputs") or []
        shown = map(msgspec.json.decode, self._captured[identity].fragments())
        return [*before, *shown]

    def _take_comm(self, message: Message) -> None:
        content = message.read()
        identity, data = content.get("comm_id"), content.get("data")
        if not isinstance(identity, str) or not isinstance(data, dict):
            return
        if message.type == "comm_open" and content.get("target_name") == _TARGET:
            self._states[identity] = {}
        # A closed widget keeps its last state: the notebook still shows it. An echo is our own.
        update = data.get("state")
        echo = data.get("method") == "echo_update"
        if identity not in self._states or not isinstance(update, dict) or echo:
            return
        update = self._masker.tree(update)
        self.changed = True
        if "outputs" in update:
            self._captured.pop(identity, None)
        before = str(self._states[identity].get("msg_id") or "")
        self._states[identity].update(update)
        self._take_buffers(identity, data.get("buffer_paths"), message.buffers)
        if self._states[identity].get("_model_module") == _OUTPUT_MODULE and "msg_id" in update:
            self._redirect(identity, before, str(update["msg_id"] or ""))

    def _take_buffers(
        self, identity: str, paths: object, buffers: list[bytes | memoryview]
    ) -> None:
        if not isinstance(paths, list):
            return
        known = self._buffers.setdefault(identity, {})
        for path, buffer in zip(paths, buffers, strict=False):
            data = base64.b64encode(buffer).decode("ascii")
            known[str(path)] = {"data": data, "encoding": "base64", "path": path}

    def _redirect(self, identity: str, before: str, request: str) -> None:
        if identity in self._capturing.get(before, ()):
            self._capturing[before].remove(identity)
        if request:
            self._capturing.setdefault(request, []).append(identity)
        elif identity in self._captured:
            # The kernel's side of the widget learns what it shows, as from a real front end.
            state = {"outputs": self._outputs(identity)}
            self._send(identity, {"method": "update", "state": state, "buffer_paths": []})
