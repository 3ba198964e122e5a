"""The cell loop: sends one cell after the other and turns the kernel's messages into a record."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.domain.spool import CellChanged, RunStarted
from jupyter_mlops.execution.outputs import CellOutputs, Displays
from jupyter_mlops.execution.widgets import Widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.execution.executed_notebook import ExecutedCell, ExecutedNotebook
    from jupyter_mlops.execution.kernel_wire import KernelWire, Message
    from jupyter_mlops.execution.masking import Masker
    from jupyter_mlops.execution.run_log import RunLog
    from jupyter_mlops.execution.saving import NotebookSaver
    from jupyter_mlops.execution.spool_writer import SpoolWriter
    from jupyter_mlops.execution.started_kernel import StartedKernel
    from jupyter_mlops.execution.stop_flag import StopFlag

POLL_SECONDS = 0.1
TICK_SECONDS = 0.25
# How long an interrupted cell may take to end before it is given up.
GRACE_SECONDS = 2.0
# A kernel that answered a cell sends its idle status at once. Some lose it. Output that is still under
# way puts the end of the waiting off, but not what a thread says that long after the answer.
IDLE_SECONDS = 10.0
ALLOW_ERROR_TAG = "raises-exception"
SKIP_TAG = "skip-execution"
_MESSAGE_CHARS = 2_000


@dataclass(frozen=True)
class EngineOutcome:
    """How the notebook ended; ``failing_cell`` counts all cells of the executed notebook."""

    status: RunStatus
    reason: Reason | None
    message: str | None
    failing_cell: int | None
    secrets_masked: int


@dataclass
class _Request:
    """A cell that was sent, and what the kernel has said about it so far."""

    index: int
    cell: ExecutedCell
    outputs: CellOutputs
    reply: dict[str, Any] | None = None
    replied_at: str = ""
    idle: bool = False

    def lost_idle(self, quiet: float, last: Message | None) -> bool:
        """Tell whether the kernel will not report its idleness; it has been quiet for so long."""
        if self.reply is None or self.idle:
            return False
        late = last is not None and _is_late(last.date, self.replied_at)
        return late or quiet > IDLE_SECONDS


class _KernelGone(Exception):
    """The kernel's process ended while a cell ran."""


class _Stopped(Exception):
    """The stop flag was set while a cell ran, and its grace is over."""


class CellLoop:
    """Runs the cells of ``notebook`` in order, in the thread that calls `run`."""

    def __init__(
        self,
        notebook: ExecutedNotebook,
        wire: KernelWire,
        kernel: StartedKernel,
        saver: NotebookSaver,
        report: SpoolWriter,
        log: RunLog,
        masker: Masker,
        stop: StopFlag,
        time_limit: float | None,
    ) -> None:
        self._notebook = notebook
        self._wire = wire
        self._kernel = kernel
        self._saver = saver
        self._report = report
        self._log = log
        self._masker = masker
        self._stop = stop
        self._time_limit = time_limit
        self._displays = Displays()
        self._widgets = Widgets(masker, wire.send_comm, self._new_outputs)
        self._requests: dict[str, _Request] = {}
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}
        self._tick_at = 0.0

    def on_reply(self, request: str, listener: Callable[[dict[str, Any]], None]) -> None:
        """Call ``listener`` with the content of the reply to a request that is no cell."""
        self._listeners[request] = listener

    def collect_widgets(self) -> None:
        """Bring the state of the widgets into the notebook's metadata."""
        if self._widgets.changed and (state := self._widgets.metadata()) is not None:
            self._notebook.metadata["widgets"] = state

    def run(self) -> EngineOutcome:
        """Run every code cell until one fails, the kernel dies or the run is stopped."""
        cells = [
            (index, cell) for index, cell in enumerate(self._notebook.cells) if cell.kind == "code"
        ]
        now = _now_ms()
        self._report.write(
            RunStarted(cells_total=len(cells), ts=now),
            *(self._changed(index, cell, now) for index, cell in cells),
        )
        for index, cell in cells:
            if self._stop.reason is not None:
                return self._stopped(None)
            if not cell.source.strip() or SKIP_TAG in cell.tags:
                self._end(index, cell, CellState.COMPLETED)
                continue
            outcome = self._run_cell(index, cell)
            if outcome is not None:
                return outcome
        return _outcome(RunStatus.FINISHED)

    def _run_cell(self, index: int, cell: ExecutedCell) -> EngineOutcome | None:
        cell.outputs = self._new_outputs()
        cell.start()
        self._report.write(self._changed(index, cell, _now_ms()))
        allowed = ALLOW_ERROR_TAG in cell.tags
        identity = self._wire.execute(cell.source, stop_on_error=not allowed)
        request = self._requests[identity] = _Request(index, cell, cell.outputs)
        try:
            self._await(request)
        except _KernelGone:
            return self._died(request)
        except _Stopped:
            self._end(index, cell, CellState.INTERRUPTED)
            return self._stopped(index)
        finally:
            cell.outputs.end()
        return self._judge(request, allowed=allowed)

    def _new_outputs(self) -> CellOutputs:
        return CellOutputs(self._masker, self._displays, self._log)

    def _await(self, request: _Request) -> None:
        quiet_since = time.monotonic()
        give_up_at: float | None = None
        while request.reply is None or not request.idle:
            last: Message | None = None
            for message in self._wire.receive(POLL_SECONDS):
                last = message
                self._take(message)
            now = time.monotonic()
            if last is not None:
                quiet_since = now
            elif not self._kernel.is_alive():
                self._drain()
                if request.reply is None:
                    raise _KernelGone
                break
            if request.lost_idle(now - quiet_since, last):
                self._log.note("The kernel did not report that the cell is over; going on.")
                break
            if self._stop.reason is not None and give_up_at is None:
                self._log.note("Interrupting the kernel.")
                # jupyter_client complains about a kernel that has just gone; the loop will see.
                with suppress(RuntimeError):
                    self._kernel.interrupt()
                give_up_at = now + GRACE_SECONDS
            if give_up_at is not None and now > give_up_at:
                break
            self._tick(request, now)
        if give_up_at is not None:
            raise _Stopped

    def _drain(self) -> None:
        """Take what the kernel sent before it died."""
        while messages := list(self._wire.receive(POLL_SECONDS)):
            for message in messages:
                self._take(message)

    def _tick(self, request: _Request, now: float) -> None:
        if now >= self._tick_at:
            self._tick_at = now + TICK_SECONDS
            request.outputs.tick()
            self._log.flush()
        if self._saver.due(now):
            self.collect_widgets()
            self._saver.save()

    def _take(self, message: Message) -> None:
        request = self._requests.get(message.parent)
        if request is None:
            if message.type == "execute_reply" and message.parent in self._listeners:
                self._listeners.pop(message.parent)(message.read())
            return
        match message.type:
            case "execute_reply":
                request.reply = message.read()
                request.replied_at = message.date
                request.cell.stamp("shell.execute_reply", message.date)
            case "status":
                state = message.read().get("execution_state")
                if state in ("busy", "idle"):
                    request.cell.stamp(f"iopub.status.{state}", message.date)
                request.idle = request.idle or state == "idle"
            case "execute_input":
                request.cell.stamp("iopub.execute_input", message.date)
                _count(request.cell, message.read())
            case _ if not self._widgets.take(message):
                request.outputs.take(message)

    def _judge(self, request: _Request, *, allowed: bool) -> EngineOutcome | None:
        reply = request.reply or {}
        index, cell = request.index, request.cell
        _count(cell, reply)
        if reply.get("status") == "ok":
            self._end(index, cell, CellState.COMPLETED)
            return _outcome(RunStatus.FINISHED) if _asks_exit(reply) else None
        name = self._masker.text(str(reply.get("ename") or "Error"))
        value = self._masker.text(str(reply.get("evalue") or ""))
        if name == "SystemExit" and value in ("", "0", "None"):
            self._log.note("The notebook ended itself by sys.exit().")
            self._end(index, cell, CellState.COMPLETED)
            return _outcome(RunStatus.FINISHED)
        if allowed:
            self._end(index, cell, CellState.COMPLETED)
            return None
        self._end(index, cell, CellState.FAILED, (name, value))
        message = f"{name}: {value}" if value else name
        return _outcome(RunStatus.FAILED, Reason.CELL_ERROR, message, index)

    def _died(self, request: _Request) -> EngineOutcome:
        self._end(request.index, request.cell, CellState.INTERRUPTED)
        if self._stop.reason is not None:
            return self._stopped(request.index)
        status = self._kernel.exit_status()
        self._log.note(status.message)
        return _outcome(RunStatus.FAILED, status.reason, status.message, request.index)

    def _stopped(self, index: int | None) -> EngineOutcome:
        if self._stop.reason == "memory_limit":
            message = "The run used more memory than it may."
            self._log.note(message)
            return _outcome(RunStatus.FAILED, Reason.OUT_OF_MEMORY, message, index)
        if self._stop.reason == "time_limit":
            message = f"The run reached its time limit of {self._time_limit or 0:g} s."
            return _outcome(RunStatus.FAILED, Reason.TIME_LIMIT, message, index)
        return _outcome(RunStatus.KILLED, Reason.CANCELLED, "The run was cancelled.", index)

    def _end(
        self,
        index: int,
        cell: ExecutedCell,
        state: CellState,
        error: tuple[str, str] | None = None,
    ) -> None:
        cell.end(state)
        self._report.write(self._changed(index, cell, _now_ms(), error))

    def _changed(
        self, index: int, cell: ExecutedCell, now: int, error: tuple[str, str] | None = None
    ) -> CellChanged:
        return CellChanged(
            index=index,
            cell_id=cell.id,
            state=cell.state,
            duration_ms=cell.duration_ms,
            error_name=error[0][:_MESSAGE_CHARS] if error else None,
            error_value=error[1][:_MESSAGE_CHARS] if error else None,
            ts=now,
        )


def _outcome(
    status: RunStatus,
    reason: Reason | None = None,
    message: str | None = None,
    failing_cell: int | None = None,
) -> EngineOutcome:
    short = message[:_MESSAGE_CHARS] if message else None
    return EngineOutcome(status, reason, short, failing_cell, 0)


def _count(cell: ExecutedCell, content: dict[str, Any]) -> None:
    count = content.get("execution_count")
    if type(count) is int and count >= 0:
        cell.execution_count = count
        cell.touch()


def _is_late(date: str, reply: str) -> bool:
    """Tell whether a message is from long after the reply, both by the kernel's clock (ISO 8601)."""
    try:
        late = _moment(date) - _moment(reply)
    except (ValueError, TypeError):  # no date, or only one of them with a time zone
        return False
    return late.total_seconds() > IDLE_SECONDS


def _moment(date: str) -> datetime:
    return datetime.fromisoformat(date.replace("Z", "+00:00"))


def _asks_exit(reply: dict[str, Any]) -> bool:
    """Tell whether the cell called ``exit()``, which a front end has to obey."""
    payload = reply.get("payload")
    return isinstance(payload, list) and any(
        isinstance(part, dict) and part.get("source") == "ask_exit" and not part.get("keepkernel")
        for part in payload
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
