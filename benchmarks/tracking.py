"""Logging: what one `log_metric` costs the code that calls it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.figures import Figure

CALLS = 20_000
PROGRAM = f"""
import time
from jupyter_mlops import end_run, log_metric, start_run
start_run("bench")
times = []
for step in range({CALLS}):
    before = time.perf_counter_ns()
    log_metric("loss", 0.25 + step, step=step)
    times.append(time.perf_counter_ns() - before)
end_run()
print(" ".join(map(str, times)))
"""


def figures() -> Iterator[Figure]:
    """Yield the row of logging; the file is on a real disk, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="mlops-bench-") as home:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "JMLOPS_HOME": home},
            capture_output=True,
            check=True,
            text=True,
        )
    times = [int(word) / 1000 for word in done.stdout.split()]
    slow = statistics.quantiles(times, n=100)[98]
    yield Figure(
        "log_metric, one at a time, median",
        statistics.median(times),
        "us",
        20,
        note=f"99 % below {slow:.0f} us",
    )
