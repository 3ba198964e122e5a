"""Executing notebooks: against the papermill command line on the same notebooks."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, in_turn, timed
from benchmarks.memory import WorkerPeak
from benchmarks.workspace import Workspace
from benchmarks.writing import written_by

ROUNDS = 5
LONG_ROUNDS = 3
OTHER_KERNEL = "mlops-bench-other"


def figures() -> Iterator[Figure]:
    """Yield the rows of executing, each from the request over HTTP to FINISHED."""
    workspace = Workspace()
    try:
        yield from _times(workspace)
        yield from _pictures(workspace)
        yield from _printing(workspace)
    finally:
        workspace.close()


def _times(workspace: Workspace) -> Iterator[Figure]:
    trivial = workspace.trivial()
    ours, peer = _timed(workspace, trivial, None, ROUNDS)
    yield Figure("trivial notebook, own interpreter", ours, "s", 0.3, peer, "papermill")

    install_other_kernel()
    try:
        ours, peer = _timed(workspace, trivial, OTHER_KERNEL, ROUNDS)
    finally:
        remove_other_kernel()
    yield Figure("trivial notebook, another kernelspec", ours, "s", 0.6, peer, "papermill")

    ours, peer = _timed(workspace, workspace.hundred_cells(), None, LONG_ROUNDS)
    yield Figure("100 code + 100 Markdown cells", ours, "s", 0.2, peer, "papermill")


def _timed(
    workspace: Workspace, name: str, kernel_name: str | None, rounds: int
) -> tuple[float, float]:
    return in_turn(
        lambda: timed(lambda: workspace.run(name, kernel_name)),
        lambda: timed(_papermill(workspace, name, kernel_name)),
        rounds,
    )


def _papermill(
    workspace: Workspace, name: str, kernel_name: str | None = None
) -> Callable[[], None]:
    def work() -> None:
        if workspace.papermill(name, kernel_name) != 0:
            raise RuntimeError("papermill failed")

    return work


def _pictures(workspace: Workspace) -> Iterator[Figure]:
    pictures = workspace.figures()
    megabytes: dict[str, list[float]] = {"ours": [], "peer": []}

    def ours() -> float:
        with written_by(workspace.server.pid) as written:
            seconds = timed(lambda: workspace.run(pictures))
        megabytes["ours"].append(written.megabytes)
        return seconds

    def peer() -> float:
        with written_by() as written:
            seconds = timed(_papermill(workspace, pictures))
        megabytes["peer"].append(written.megabytes)
        return seconds

    seconds, peer_seconds = in_turn(ours, peer, LONG_ROUNDS)
    yield Figure("30 images of 1 MB", seconds, "s", 0.25, peer_seconds, "papermill")
    yield Figure(
        "30 images of 1 MB: bytes written",
        statistics.median(megabytes["ours"]),
        "MB",
        0.08,
        statistics.median(megabytes["peer"]),
        "papermill",
    )


def _printing(workspace: Workspace) -> Iterator[Figure]:
    for name, notebook in (
        ("200,000 printed lines", workspace.lines()),
        ("50,000 overwriting updates", workspace.updates()),
    ):
        with WorkerPeak(workspace.server.home / "runs") as peak:
            run = workspace.run(notebook)
        finishes = "finishes" if workspace.papermill(notebook) == 0 else "fails"
        yield Figure(
            f"{name}: worker's peak",
            peak.megabytes,
            "MB",
            200,
            note=f"{run['duration_ms'] / 1000:.1f} s; papermill {finishes}",
        )


def install_other_kernel() -> None:
    """Install a kernelspec that is not run by forking: it goes through a command."""
    folder = _other_kernel()
    folder.mkdir(parents=True, exist_ok=True)
    argv = ["/usr/bin/env", sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Other", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))


def remove_other_kernel() -> None:
    """Remove it again."""
    shutil.rmtree(_other_kernel())


def _other_kernel() -> Path:
    return Path(sys.prefix) / "share" / "jupyter" / "kernels" / OTHER_KERNEL
