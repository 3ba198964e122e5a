"""How much of a run's time its saves may take; what they write is told in tests of the engine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

from jupyter_mlops.execution.executed_notebook import ExecutedNotebook
from jupyter_mlops.execution.saving import (
    BYTES_PER_SECOND,
    INTERVAL_SECONDS,
    SHARE_OF_TIME,
    NotebookSaver,
)
from jupyter_mlops.execution.spool_writer import SpoolWriter

# In seconds: how exactly `pause_after` finds out.
TOLERANCE = 2e-3


class _Notebook:
    """A notebook of so many bytes that takes so long to write."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds

    def fragments(self) -> list[bytes]:
        time.sleep(self._seconds)
        return [bytes(self._size)]


def saver_of(folder: Path, size: int, seconds: float) -> NotebookSaver:
    notebook = cast("ExecutedNotebook", _Notebook(size, seconds))
    return NotebookSaver(folder / "executed.ipynb", notebook, SpoolWriter(folder))


def pause_after(saver: NotebookSaver) -> tuple[float, float]:
    """Save; return how long that took at most, and at least how long the next save has to wait."""
    begun = time.monotonic()
    saver.save()
    ended = time.monotonic()
    low, high = 0.0, 1e4
    while high - low > TOLERANCE / 2:
        middle = (low + high) / 2
        low, high = (low, middle) if saver.due(ended + middle) else (middle, high)
    return ended - begun, low


def test_saving_takes_a_twentieth_of_the_time_at_most(tmp_path: Path) -> None:
    assert SHARE_OF_TIME == 0.05
    saver = saver_of(tmp_path, size=10, seconds=0.2)
    assert saver.due(time.monotonic())
    took, pause = pause_after(saver)
    # The save takes 0.2 s at least, and what the test measures beside it is not the save's.
    assert pause <= 19 * took
    assert took + pause + TOLERANCE >= 0.2 / 0.05


def test_a_small_notebook_is_saved_once_a_second_and_a_large_one_less_often(tmp_path: Path) -> None:
    took, pause = pause_after(saver_of(tmp_path, size=10, seconds=0.0))
    assert INTERVAL_SECONDS - took - TOLERANCE <= pause <= max(INTERVAL_SECONDS, 19 * took)
    took, pause = pause_after(saver_of(tmp_path, size=5 * BYTES_PER_SECOND, seconds=0.0))
    assert took + pause + TOLERANCE >= 5.0


def test_a_disk_that_refuses_is_tried_again_after_a_second(tmp_path: Path) -> None:
    saver = saver_of(tmp_path, size=10, seconds=0.0)
    (tmp_path / "executed.ipynb").mkdir()
    took, pause = pause_after(saver)
    assert saver.error is not None
    assert INTERVAL_SECONDS - took - TOLERANCE <= pause <= INTERVAL_SECONDS
