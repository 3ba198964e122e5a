"""Logging: what one `log_metric`, and the import before it, cost the code that calls them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.disk import folder_on_disk
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


IMPORTS = 7
IMPORT_PROGRAM = """
import time, IPython
before = time.perf_counter()
import jupyter_mlops
jupyter_mlops.log_metric
print(time.perf_counter() - before)
"""


def figures() -> Iterator[Figure]:
    """Yield the rows of logging, each from processes of its own."""
    with folder_on_disk() as home:
        times = [int(word) / 1000 for word in _run(PROGRAM, home).split()]
        imports = [1000 * float(_run(IMPORT_PROGRAM, home)) for _ in range(IMPORTS)]
    slow = statistics.quantiles(times, n=100)[98]
    yield Figure(
        "log_metric, one at a time, median",
        statistics.median(times),
        "us",
        20,
        note=f"99 % below {slow:.0f} us",
    )
    yield Figure("importing what logs, beside IPython", statistics.median(imports), "ms", 100)


def _run(program: str, home: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "JMLOPS_HOME": home},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
