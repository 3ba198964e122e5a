"""Executing notebooks: against the papermill command line on the same notebooks."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.figures import Figure, in_turn, timed
from benchmarks.memory import tree_of, with_cookie
from benchmarks.site import Site

ROUNDS = 5
OTHER_KERNEL = "mlops-bench-other"


def figures(site: Site) -> Iterator[Figure]:
    """Yield the rows of executing."""
    trivial = site.trivial()
    ours, peer = in_turn(
        lambda: timed(lambda: site.run(trivial)), lambda: timed(_papermill(site, trivial)), ROUNDS
    )
    yield Figure("trivial notebook, own interpreter", ours, "s", 0.3, peer, "papermill")

    with_other_kernel(True)
    try:
        ours, peer = in_turn(
            lambda: timed(lambda: site.run(trivial, OTHER_KERNEL)),
            lambda: timed(_papermill(site, trivial, OTHER_KERNEL)),
            ROUNDS,
        )
    finally:
        with_other_kernel(False)
    yield Figure("trivial notebook, another kernelspec", ours, "s", 0.6, peer, "papermill")

    hundred = site.hundred_cells()
    ours, peer = in_turn(
        lambda: timed(lambda: site.run(hundred)), lambda: timed(_papermill(site, hundred)), 3
    )
    yield Figure("100 code + 100 Markdown cells", ours, "s", 0.2, peer, "papermill")

    pictures = site.figures()
    with Written(runs=True) as written:
        ours = timed(lambda: site.run(pictures))
    with Written() as written_by_peer:
        process = site.papermill(pictures)
        written_by_peer.follow(process.pid)
        peer = timed(process.wait)
    yield Figure("30 images of 1 MB", ours, "s", 0.25, peer, "papermill")
    yield Figure(
        "30 images of 1 MB: bytes written",
        written.megabytes,
        "MB",
        0.08,
        written_by_peer.megabytes,
        "papermill",
    )

    for name, notebook in (
        ("200,000 printed lines", site.lines()),
        ("50,000 overwriting updates", site.updates()),
    ):
        with WorkerPeak() as peak:
            run = site.run(notebook)
        code = site.papermill(notebook).wait()
        seconds = (run.duration_ms or 0) / 1000
        outcome = "papermill finishes" if code == 0 else "papermill fails"
        yield Figure(
            f"{name}: worker's peak", peak.megabytes, "MB", 200, note=f"{seconds:.1f} s; {outcome}"
        )


def _papermill(site: Site, name: str, kernel_name: str | None = None):  # type: ignore[no-untyped-def]
    def work() -> None:
        if site.papermill(name, kernel_name).wait() != 0:
            raise RuntimeError("papermill failed")

    return work


def with_other_kernel(wanted: bool) -> None:
    """Install or remove a kernelspec that is not run by forking: it goes through a command."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "kernels" / OTHER_KERNEL
    shutil.rmtree(folder, ignore_errors=True)
    if wanted:
        folder.mkdir(parents=True)
        argv = ["/usr/bin/env", sys.executable, "-m", "ipykernel_launcher", "-f"]
        spec = {
            "argv": [*argv, "{connection_file}"],
            "display_name": "Other",
            "language": "python",
        }
        (folder / "kernel.json").write_text(json.dumps(spec))


class Written:
    """Counts the bytes that processes hand to the disk: a peer's tree, or everything of a run."""

    def __init__(self, *, runs: bool = False) -> None:
        self._runs = runs
        self._pid: int | None = None
        self._by_pid: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def follow(self, pid: int) -> None:
        """Count this process and its descendants."""
        self._pid = pid

    @property
    def megabytes(self) -> float:
        """What was written up to now."""
        return sum(self._by_pid.values()) / 1e6

    def _sample(self) -> None:
        own = psutil.Process()
        before = own.io_counters().write_bytes if self._runs else 0
        while not self._stop.wait(0.02):
            found = with_cookie("JMLOPS_RUN_ID") if self._runs else tree_of(self._pid or -1)
            for process in found:
                try:
                    self._by_pid[process.pid] = process.io_counters().write_bytes
                except psutil.Error:
                    continue
            if self._runs:
                # The core takes the notebook in: it writes in this process.
                self._by_pid[own.pid] = own.io_counters().write_bytes - before

    def __enter__(self) -> Written:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


class WorkerPeak:
    """The greatest resident size of any process of a run except its kernel."""

    def __init__(self) -> None:
        self._bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    @property
    def megabytes(self) -> float:
        """The peak."""
        return self._bytes / 1e6

    def _sample(self) -> None:
        while not self._stop.wait(0.1):
            for process in with_cookie("JMLOPS_RUN_ID"):
                try:
                    self._bytes = max(self._bytes, process.memory_info().rss)
                except psutil.Error:
                    continue

    def __enter__(self) -> WorkerPeak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
