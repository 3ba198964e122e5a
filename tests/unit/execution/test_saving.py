"""How much of a run's time its saves may take; what they write is told in tests of the engine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import pytest

from jupyter_mlops.execution.executed_notebook import ExecutedNotebook
from jupyter_mlops.execution.saving import (
    BYTES_PER_SECOND,
    INTERVAL_SECONDS,
    SHARE_OF_TIME,
    NotebookSaver,
)
from jupyter_mlops.execution.spool_writer import SpoolWriter


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
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (low, middle) if saver.due(ended + middle) else (middle, high)
    return ended - begun, low


def test_saving_takes_a_twentieth_of_the_time_at_most(tmp_path: Path) -> None:
    assert SHARE_OF_TIME == 0.05
    saver = saver_of(tmp_path, size=10, seconds=0.2)
    assert saver.due(time.monotonic())
    took, pause = pause_after(saver)
    # What the test itself measures beside the save is not the save's.
    assert pause == pytest.approx(19 * took, abs=0.5)
    assert 0.2 / (0.2 + pause) <= 0.05


def test_a_small_notebook_is_saved_once_a_second_and_a_large_one_less_often(tmp_path: Path) -> None:
    _, pause = pause_after(saver_of(tmp_path, size=10, seconds=0.0))
    assert pause == pytest.approx(INTERVAL_SECONDS, abs=0.1)
    _, pause = pause_after(saver_of(tmp_path, size=5 * BYTES_PER_SECOND, seconds=0.0))
    assert pause >= 4.9


def test_a_disk_that_refuses_is_tried_again_after_a_second(tmp_path: Path) -> None:
    saver = saver_of(tmp_path, size=10, seconds=0.0)
    (tmp_path / "executed.ipynb").mkdir()
    took, pause = pause_after(saver)
    assert saver.error is not None
    assert INTERVAL_SECONDS - took - 0.1 <= pause <= INTERVAL_SECONDS
