"""The program behind a pre-flight: starts one kernel as a run would, reports, and ends it.

Reads a ProbeOrder from standard input and writes a ProbeReport to standard output, both JSON.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.domain.run_spec import PROTOCOL_VERSION, RunSpec
from jupyter_mlops.execution.kernel_start import ipc_patience, start_kernel
from jupyter_mlops.execution.kernel_wire import KernelWire
from jupyter_mlops.execution.oom import OutOfMemoryWatch
from jupyter_mlops.execution.process_tree import adopt_orphans, kill_descendants
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.execution.started_kernel import KernelNotStarted, StoppedWhileStarting
from jupyter_mlops.execution.stop_flag import StopFlag

# A kernel that says why it is late does so at the limit; this is for one that says nothing.
_GRACE_SECONDS = 1.0


class ProbeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to try: ``check_id`` has the form of a run id, ``time_limit`` is in seconds.

    ``over_tcp`` tells that the kernel is known not to speak IPC.
    """

    check_id: str
    folder: str
    name: str
    kernel_spec: dict[str, Any]
    time_limit: float
    over_tcp: bool


class ProbeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; ``message`` is for the user, ``transport`` how the kernel was spoken to."""

    ok: bool
    message: str
    duration_ms: int
    implementation: str | None
    language_version: str | None
    transport: str | None = None


def failure(message: str, duration_ms: int = 0) -> ProbeReport:
    """Return the report of a kernel that did not start."""
    return ProbeReport(
        ok=False,
        message=message,
        duration_ms=duration_ms,
        implementation=None,
        language_version=None,
    )


def probe(order: ProbeOrder) -> ProbeReport:
    """Start the kernel and wait for its first answer; nothing of it is left afterwards."""
    run = RunDirectory(Path(order.folder), order.check_id)
    run.path.mkdir(parents=True, mode=0o700)
    stop = StopFlag()
    limit = order.time_limit + ipc_patience(order.time_limit) + _GRACE_SECONDS
    timer = threading.Timer(limit, stop.set, ["time_limit"])
    timer.start()
    started = time.monotonic()
    try:
        kernel = start_kernel(
            run,
            _orders(order),
            order.kernel_spec,
            dict(os.environ),
            frozenset(),
            stop,
            OutOfMemoryWatch(),
            over_tcp=order.over_tcp,
        )
        wire, info = KernelWire.connect(kernel)
        wire.close()
    except KernelNotStarted as refusal:
        return failure(refusal.message, _since(started))
    except StoppedWhileStarting:
        message = f"The kernel did not answer within {order.time_limit:g} s."
        return failure(message, _since(started))
    finally:
        timer.cancel()
        kill_descendants(order.check_id)
        run.remove_sockets()
    language = info.get("language_info")
    return ProbeReport(
        ok=True,
        message="The kernel starts and answers.",
        duration_ms=_since(started),
        implementation=_text(info.get("implementation")),
        language_version=_text(language.get("version")) if isinstance(language, dict) else None,
        transport=str(kernel.manager.transport),
    )


def _orders(order: ProbeOrder) -> RunSpec:
    return RunSpec(
        run_id=order.check_id,
        protocol=PROTOCOL_VERSION,
        notebook="",
        source_digest="",
        working_directory=order.folder,
        parameters=[],
        kernel_name=order.name,
        warm=False,
        time_limit=None,
        start_timeout=order.time_limit,
        save_to=None,
        user="",
        experiment="",
        created_at=0,
        environment_mode="",
        environment_allowed=[],
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def main() -> int:
    """Do what the order on standard input says."""
    # Orphans of a kernel that forks and leaves become our children, and end with us.
    adopt_orphans()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=ProbeOrder)
    sys.stdout.buffer.write(msgspec.json.encode(probe(order)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
