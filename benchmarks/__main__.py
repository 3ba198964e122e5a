"""Print all figures, or those of the subjects named: `python -m benchmarks execution tracking`."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    bundle,
    execution,
    mlflow_files,
    mlflow_growth,
    mlflow_reading,
    mlflow_writing,
    peers,
    queue,
    server,
    tracking,
)
from benchmarks.figures import Figure, show

SUBJECTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "bundle": bundle.figures,
    "tracking": tracking.figures,
    "execution": execution.figures,
    "queue": queue.figures,
    "server": server.figures,
    "mlflow-writing": mlflow_writing.figures,
    "mlflow-reading": mlflow_reading.figures,
    "mlflow-files": mlflow_files.figures,
    "mlflow-growth": mlflow_growth.figures,
}


def main() -> int:
    """Measure and print; goals that are missed make no failure, they are figures."""
    chosen = sys.argv[1:] or list(SUBJECTS)
    unknown = set(chosen) - set(SUBJECTS)
    if unknown:
        sys.stderr.write(f"Subjects are: {', '.join(SUBJECTS)}.\n")
        return 2
    sys.stdout.write(f"Python {platform.python_version()}, peers: {peers.versions()}\n")
    for subject in chosen:
        for figure in SUBJECTS[subject]():
            show(figure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
