"""The run that this process records to: the batch run it belongs to, or one it opened itself."""

from __future__ import annotations

import atexit
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.home import make_private, product_home
from jupyter_mlops.kernel.harmless import harmless
from jupyter_mlops.kernel.masking import learn_secrets, masked, masked_key
from jupyter_mlops.kernel.names import clean_label, fault_of_key, fault_of_label
from jupyter_mlops.kernel.notices import notice, shown, told
from jupyter_mlops.kernel.process import (
    in_ipython,
    source_path,
    user_name,
)
from jupyter_mlops.kernel.spool_writer import SpoolWriter
from jupyter_mlops.kernel.values import json_bytes, text
from jupyter_mlops.process_identity import boot_id, machine, process_started

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

PROTOCOL_VERSION = 1
DEFAULT_EXPERIMENT = "Default"
RUN_DIRECTORY_VARIABLE = "JMLOPS_RUN_DIR"
RUN_ID_VARIABLE = "JMLOPS_RUN_ID"
MESSAGE_MAX_CHARS = 1000

# Of the 1 MiB of a record, with room for what frames the items.
_ITEMS_BYTES = 1_000_000
_REASONS = {"FINISHED": None, "FAILED": "cell_error", "KILLED": "cancelled"}


class Run:
    """A run that is being recorded; a `with` block ends it as FINISHED, FAILED or KILLED.

    ``run_id`` is its id. ``batch`` tells that a server ordered the run: such a run ends when its
    notebook ends. ``recording`` is False when the home could not be written to.
    """

    def __init__(
        self, run_id: str, directory: Path | None, *, batch: bool, experiment: str, name: str | None
    ) -> None:
        self.run_id = run_id
        self.batch = batch
        self.experiment = experiment
        self.name = name
        self.directory = directory
        self._writer = None if directory is None else SpoolWriter(directory / "spool")
        self._owner = os.getpid()

    @property
    def recording(self) -> bool:
        """Whether calls reach a spool."""
        return self._writer is not None

    @property
    def owned(self) -> bool:
        """Whether this process opened the run, and so may end it; a forked child may not."""
        return not self.batch and self._owner == os.getpid()

    def open_in(self, directory: Path, opening: Mapping[str, Any]) -> None:
        """Write the first record and rename the run directory, now complete, to ``directory``."""
        first = json_bytes({"t": "run.open", **opening, "ts": now()})
        if self.directory is None or self._writer is None or not self._writer.append(first):
            return
        self.directory = self.directory.rename(directory)
        self._writer.settle(directory / "spool", first)

    def restore(self) -> None:
        """Put the run directory back if somebody took it away."""
        if self._writer is not None:
            self._writer.restore()

    def append(self, body: bytes) -> bool:
        """Write one spool record; True when it is in the spool."""
        return self._writer is not None and self._writer.append(body)

    def record(self, kind: str, **fields: Any) -> bool:
        """Write one spool record of JSON values with the present time."""
        return self.append(json_bytes({"t": kind, **fields, "ts": now()}))

    @harmless
    def end(self, status: str = "FINISHED", message: str | None = None) -> None:
        """End a run that this process opened; nothing happens to a batch run or an ended one."""
        if self.batch or self._writer is None:
            return
        if not self.owned:
            notice("Only the process that started a run can end it.", once="end in a child")
            return
        if all(status != known for known in _REASONS):
            notice(f"A run cannot end as {status!r}: FINISHED, FAILED or KILLED; it is FINISHED.")
            status = "FINISHED"
        if message is not None:
            message = _text(message)[:MESSAGE_MAX_CHARS]
        self.record("run.close", status=status, reason=_REASONS[status], message=message)
        self._writer.close()
        self._writer = None
        if _state.run is self:
            _state.run = None

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(*_outcome(error))

    def __repr__(self) -> str:
        state = "batch run" if self.batch else "recording" if self.recording else "not recording"
        return f"<Run {self.run_id} {self.name or ''!r} in {self.experiment!r}, {state}>"


class _State:
    """What this process knows of its run; a class attribute each, so that a look-up is cheap."""

    run: Run | None = None
    asked_environment = False


_state = _State


def now() -> int:
    """Return the time as records carry it: milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def current_run() -> Run | None:
    """Return the run that calls are recorded to; None before `start_run` and after `end_run`."""
    if _state.run is None and not _state.asked_environment:
        _state.asked_environment = True
        _state.run = _batch_run()
    return _state.run


def run_for(call: str) -> Run | None:
    """Return the current run for a logging call; without one, say once that nothing is kept."""
    run = _state.run or current_run()
    if run is None:
        notice(
            f"{call}: no run is open, so nothing was recorded. Call start_run() first.",
            once="no run",
        )
    return run


def start_run(
    experiment: str | None = None,
    name: str | None = None,
    tags: Mapping[str, object] | None = None,
) -> Run:
    """Open a run and return it; use it in a `with` block, or call `end_run()`.

    An open run is ended first. Inside a run that a server ordered this returns that very run.
    """
    run = current_run()
    if run is not None and run.batch:
        if experiment is not None or name is not None:
            notice(
                "start_run: this notebook already runs as a tracked run; its experiment and name "
                "were given when it was started.",
                once="start in batch",
            )
    else:
        if run is not None and run.owned:
            notice(f"start_run: the run {run.run_id} was still open and is ended.")
            run.end()
        run = _open_run(_label(experiment) or DEFAULT_EXPERIMENT, _label(name))
        _state.run = run
        atexit.unregister(_end_at_exit)
        atexit.register(_end_at_exit)
    if tags:
        _set_first(run, tags)
    return run


@harmless
def _set_first(run: Run, tags: Mapping[str, object]) -> None:
    write_tags(run, tags)


@harmless
def end_run(status: str = "FINISHED", message: str | None = None) -> None:
    """End the open run as FINISHED, FAILED or KILLED; without one nothing happens."""
    run = current_run()
    if run is not None:
        run.end(status, message)


def write_tags(run: Run, tags: Mapping[str, object]) -> None:
    """Write records of tags; a tag with a bad key is left out with a warning."""
    kept = {}
    for key, value in tags.items():
        fault = fault_of_key(key)
        if fault is None:
            try:
                kept[masked_key(key)] = masked(text(value))
            except Exception as error:  # noqa: BLE001 (a value's own __str__ may raise anything)
                fault = f"its value has no readable form ({type(error).__name__})"
        if fault is not None:
            notice(f"The tag {shown(key)} was not set: {fault}.", once=f"tag {shown(key)}")
    write_items(run, "tags", "g", kept)


def write_items(run: Run, kind: str, field: str, items: Mapping[str, Any]) -> None:
    """Write ``items`` in as few records as can be; one that is too long takes no other along."""
    part: dict[str, Any] = {}
    size = 0
    for key, value in items.items():
        length = len(json_bytes({key: value}))
        if part and size + length > _ITEMS_BYTES:
            run.record(kind, **{field: part})
            part, size = {}, 0
        part[key] = value
        size += length
    if part:
        run.record(kind, **{field: part})


def _label(given: str | None) -> str | None:
    if given is None:
        return None
    fault = fault_of_label(given)
    if fault is not None:
        notice(f"The name {shown(given)} was not used: {fault}.")
        return None
    return clean_label(given)


def _batch_run() -> Run | None:
    directory = os.environ.get(RUN_DIRECTORY_VARIABLE)
    run_id = os.environ.get(RUN_ID_VARIABLE)
    if not directory or not run_id:
        return None
    learn_secrets()
    return Run(run_id, Path(directory), batch=True, experiment="", name=None)


def _open_run(experiment: str, name: str | None) -> Run:
    run_id = os.urandom(16).hex()
    home: Path | None = None
    learn_secrets()
    try:
        home = product_home()
        # The run appears under its name only with its first record in it, so that a
        # dispatcher never meets a run of which nothing is known.
        staging = home / "tmp" / f"run-{run_id}"
        for folder in (home / "runs", staging / "spool", staging / "staged"):
            make_private(folder)
        run = Run(run_id, staging, batch=False, experiment=experiment, name=name)
        run.open_in(home / "runs" / run_id, _opening(run))
    except Exception as error:  # noqa: BLE001 (no right, no room, no user, no home folder, …)
        notice(
            f"Nothing will be recorded: {home or 'the home of Jupyter MLOps'} cannot be written to "
            f"({told(error)}). Set JMLOPS_HOME to a folder that can."
        )
        return Run(run_id, None, batch=False, experiment=experiment, name=name)
    return run


def _opening(run: Run) -> dict[str, Any]:
    source = source_path(_server_roots())
    return {
        "run_id": run.run_id,
        "protocol": PROTOCOL_VERSION,
        "experiment": run.experiment,
        "name": run.name,
        "source_type": "interactive" if in_ipython() else "script",
        "source_path": None if source is None else text(source),
        "user": text(user_name()),
        "pid": os.getpid(),
        "pid_started": process_started(os.getpid()) or 0.0,
        "boot_id": boot_id(),
        "machine": text(machine()),
    }


def _server_roots() -> list[Path]:
    if not in_ipython():
        return []
    from jupyter_mlops.client.discovery import servers  # noqa: PLC0415 (only an interactive run's need)

    return [server.root for server in servers()]


def _outcome(error: BaseException | None) -> tuple[str, str | None]:
    """Return status and message of a run whose code ended with ``error``."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "FINISHED", None
    message = type(error).__name__
    said = _text(error)
    if said:
        message = f"{message}: {said}"
    return ("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"), message


def _text(value: object) -> str:
    try:
        return text(value)
    except Exception:  # noqa: BLE001 (an object's own __str__ may raise anything)
        return ""


def _end_at_exit() -> None:
    run = _state.run
    if run is None or not run.owned:
        return
    # The interpreter leaves here the exception that ended a script. In a shell it is only the
    # error of some cell, after which the session went on.
    error = None if in_ipython() or sys.flags.interactive else getattr(sys, "last_value", None)
    run.end(*_outcome(error))
