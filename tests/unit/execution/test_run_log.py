from __future__ import annotations

import re
import resource
import stat
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.execution.run_log import RunLog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


def test_a_line_shown_before_it_was_complete_stands_there_once(path: Path) -> None:
    log = RunLog(path)
    log.partial("epo")
    log.partial("epoch 1")
    log.lines("epoch 1 done\nnext\n")
    log.close()
    assert path.read_text() == "epoch 1 done\nnext\n"


def test_a_line_that_rewrites_itself_appears_only_now_and_then(path: Path) -> None:
    log = RunLog(path)
    for step in range(1000):
        log.partial(f"{step} %")
    log.lines("1000 %\n")
    log.close()
    lines = path.read_text().splitlines()
    assert lines[0] == "0 %"
    assert lines[-1] == "1000 %"
    assert len(lines) <= 4


def test_two_streams_do_not_share_a_line(path: Path) -> None:
    log = RunLog(path)
    log.partial("progress")
    log.lines("warning\n")
    log.lines("progress done\n")
    log.close()
    assert path.read_text() == "progress\nwarning\nprogress done\n"


def test_notes_of_the_engine_carry_the_time_and_a_line_of_their_own(path: Path) -> None:
    log = RunLog(path)
    log.partial("open")
    log.note("Kernel is ready.")
    log.close()
    assert re.fullmatch(r"open\n\[\d\d:\d\d:\d\d\] Kernel is ready\.\n", path.read_text())


def test_the_log_stops_at_its_limit_but_the_engine_is_still_heard(path: Path) -> None:
    log = RunLog(path, limit=100)
    for _ in range(1000):
        log.lines("0123456789\n")
    log.note("end")
    log.close()
    text = path.read_text()
    assert text.startswith("0123456789\n" * 9)
    assert text.count("reached its limit") == 1
    assert text.endswith("] end\n")
    assert len(text) < 220


def test_the_file_is_private_and_an_earlier_log_is_continued(path: Path) -> None:
    for word in ("one", "two"):
        log = RunLog(path)
        log.lines(f"{word}\n")
        log.close()
    assert path.read_text() == "one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_ends_the_log_and_not_the_run(path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        log = RunLog(path)
        for _ in range(100_000):
            log.lines("0123456789\n")
        log.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.stat().st_size == 1000
