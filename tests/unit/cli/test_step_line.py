"""How far a long command is: a line that is redrawn on a terminal, a few lines elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from jupyter_mlops.cli.progress import StepLine


class Terminal(io.StringIO):
    """Stands for a terminal that knows UTF-8."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_and_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    line = StepLine()
    line.shown(0, 0, "looking")
    line.shown(1, 4, "a run\x1b[2J")
    line.end()
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert drawn[1] == "looking"
    assert drawn[2].startswith("━━━━━╌")
    assert "1/4  a run" in drawn[2]
    assert "\x1b" not in drawn[2]
    assert drawn[3] == ""


def test_elsewhere_each_tenth_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    line = StepLine()
    for done in range(1, 1_001):
        line.shown(done, 1_000, "a run")
    line.end()
    told = capsys.readouterr().err.splitlines()
    assert told == ["1 of 1000", *(f"{tenth}00 of 1000" for tenth in range(1, 11))]
