"""Metrics as MLflow's file store writes them: a file for each, a line for each value.

A run's line is ``timestamp value step``, maybe followed by name and digest of a data set; old ones
have no step. In a logged model's the id of the run comes behind the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from jupyter_mlops.transfer.records import ModelPoint, Point
from jupyter_mlops.transfer.source import NotReadable

LINE_MAX_BYTES = 4_096
POINTS_OF_PAGE = 10_000


def points(file: BinaryIO, key: str) -> Iterator[list[Point]]:
    """Yield the values of a run's metric, by pages; NotReadable at the end if lines were damaged."""
    page: list[Point] = []
    damaged = 0
    for words in _lines(file):
        point = _point(words, key) if len(words) in (2, 3, 5) else None
        if point is None:
            damaged += 1
            continue
        page.append(point)
        if len(page) == POINTS_OF_PAGE:
            yield page
            page = []
    yield page
    if damaged:
        raise NotReadable(f"{damaged} of its lines are damaged")


def model_points(file: BinaryIO, key: str, model_id: str) -> Iterator[ModelPoint]:
    """Yield the values of a logged model's metric."""
    for words in _lines(file):
        point = _point(words[:3], key) if len(words) in (4, 6) else None
        if point is None:
            raise NotReadable(f"a line of its metric {key} is damaged")
        name, digest = (words[4], words[5]) if len(words) == 6 else ("", "")
        yield ModelPoint(words[3], model_id, point, name, digest)


def _lines(file: BinaryIO) -> Iterator[list[str]]:
    while line := file.readline(LINE_MAX_BYTES):
        words = line.decode(errors="replace").split()
        if words:
            yield words


def _point(words: list[str], key: str) -> Point | None:
    try:
        step = int(words[2]) if len(words) > 2 else 0
        return Point(key, float(words[1]), int(words[0]), step)
    except ValueError:
        return None
