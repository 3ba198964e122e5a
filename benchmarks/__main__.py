"""Print all figures, or those of the subjects named: `python -m benchmarks execution tracking`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import execution, queue, server, tracking
from benchmarks.figures import Figure, show
from benchmarks.site import Site

SUBJECTS = ("tracking", "execution", "queue", "server")


def measure(subject: str) -> Iterator[Figure]:
    """Yield the figures of one subject."""
    if subject == "tracking":
        yield from tracking.figures()
    elif subject == "server":
        yield from server.figures()
    else:
        site = Site(concurrency=2)
        try:
            yield from (execution if subject == "execution" else queue).figures(site)
        finally:
            site.close()


def main() -> int:
    """Measure and print; goals that are missed make no failure, they are figures."""
    chosen = sys.argv[1:] or SUBJECTS
    unknown = set(chosen) - set(SUBJECTS)
    if unknown:
        sys.stderr.write(f"Subjects are: {', '.join(SUBJECTS)}.\n")
        return 2
    for subject in chosen:
        for figure in measure(subject):
            show(figure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
