"""Numbers of a run in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.client import wording

# The panel is held to the same words by src/components/__tests__/format.spec.ts.
DURATIONS = json.loads((Path(__file__).parents[2] / "corpus" / "durations.json").read_text())


@pytest.mark.parametrize(("milliseconds", "words"), [(None, ""), *DURATIONS])
def test_a_duration_is_told_as_the_panel_tells_it(milliseconds: float | None, words: str) -> None:
    assert wording.duration(milliseconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (2 * 10**13, "20.0 TB")],
)
def test_a_size_is_told_as_people_say_it(count: int | None, words: str) -> None:
    assert wording.size(count) == words


def run(**fields: Any) -> Any:
    counts = {"cells_done": 1, "cells_total": 2, "current_cell": 1, "failing_cell": None}
    return {
        "name": "train",
        "status": "RUNNING",
        "reason": None,
        "queue_position": None,
        "progress": counts,
        "duration_ms": None,
        "key_metric": None,
        **fields,
    }


def test_progress_shows_cells_time_and_metric() -> None:
    metric = {"key": "loss", "value": 0.123456}
    line = wording.progress(run(duration_ms=1500, key_metric=metric), plain=True)
    assert line == "train  ##########..........  1/2 cells  1.5 s  loss 0.12346"
    assert wording.progress(run()) == "train  ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌  1/2 cells"


def test_a_waiting_run_shows_its_place() -> None:
    assert wording.progress(run(status="SCHEDULED")) == "train  waiting"
    queued = run(status="SCHEDULED", queue_position=3)
    assert wording.progress(queued) == "train  waiting, number 3 in the queue"


def test_an_outcome_has_its_reason() -> None:
    assert wording.outcome(run(status="FAILED", reason="lost")) == "FAILED (lost)"
    assert wording.outcome(run(status="FINISHED")) == "FINISHED"
    assert wording.metric({"key": "a", "value": "NaN"}) == "a NaN"  # type: ignore[typeddict-item]
