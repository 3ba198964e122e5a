"""One round of the dispatcher after the other: what one run meets, the others do not feel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.runs import Run, RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.aside import Aside
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.spool_files import OpenedRun

ORIGIN = Origin(home_id=None, environment=None)


class _FaultyExecutor(LocalExecutor):
    """A disk on which the files of some runs cannot be read: EIO, or a server that is away."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.faulty: set[str] = set()

    def spools(self, run_id: str) -> list[Path]:
        if run_id in self.faulty:
            raise Unavailable("The folder of stored files cannot be used.")
        return super().spools(run_id)


class _Site:
    """A store, a disk, and a dispatcher that does a round when it is told to."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = Database.open(home / "store.db")
        self.content = ContentStore(home)
        self.executor = _FaultyExecutor(home)
        self.dispatcher = Dispatcher(
            self.database,
            self.content,
            self.executor,
            SecretKeeper(),
            KernelTokenService(self.database),
            ORIGIN,
            1,
        )
        self.store_is_away = False

    def rounds(self, count: int) -> None:
        for _ in range(count):
            self.dispatcher.cycle()

    def run(self, run_id: str) -> Run:
        with self.database.read() as connection:
            return runs.get(connection, run_id)

    def another_takes_in(self, run_id: str) -> None:
        """Take in all of a run, as a leader does that goes away before it ends the run."""
        aside = Aside(lambda _: True, lambda: None)
        intake = Intake(self.database, self.content, self.executor, ORIGIN, aside)
        while intake.take_in(run_id):
            pass


@pytest.fixture
def site(home: Path) -> Iterator[_Site]:
    made = _Site(home)
    yield made
    made.dispatcher.close()
    if not made.store_is_away:
        made.database.close()


def test_files_that_cannot_be_read_stop_their_own_run_only(site: _Site) -> None:
    opened = [OpenedRun(site.home) for _ in range(6)]
    site.rounds(1)
    for each in opened:
        each.close()
    site.executor.faulty = {each.run_id for each in opened[::2]}
    site.rounds(3)
    assert {site.run(each.run_id).status for each in opened[::2]} == {RunStatus.RUNNING}
    assert {site.run(each.run_id).status for each in opened[1::2]} == {RunStatus.FINISHED}


def test_a_store_that_is_away_stops_all(site: _Site) -> None:
    opened = OpenedRun(site.home)
    site.rounds(1)
    site.executor.faulty = {opened.run_id}
    site.database.close()
    site.store_is_away = True
    with pytest.raises(Unavailable, match="closed"):
        site.dispatcher._attend_alone(opened.run_id)


def test_a_cancel_that_no_disk_takes_stops_no_other_run(site: _Site) -> None:
    first, second = OpenedRun(site.home), OpenedRun(site.home)
    site.rounds(1)
    with site.database.write() as connection:
        runs.request_cancel(connection, first.run_id)
    first.directory.path.rename(site.home / "taken")
    first.directory.path.symlink_to(first.directory.path)
    second.close()
    site.rounds(3)
    assert site.run(second.run_id).status is RunStatus.FINISHED


def test_a_run_whose_end_another_took_in_is_ended_though_its_kernel_lives(site: _Site) -> None:
    opened = OpenedRun(site.home)
    site.rounds(2)
    assert site.run(opened.run_id).status is RunStatus.RUNNING
    opened.close()
    site.another_takes_in(opened.run_id)
    site.rounds(1)
    ended = site.run(opened.run_id)
    assert (ended.status, ended.ended_at) == (RunStatus.FINISHED, 2_000)
    assert not opened.directory.path.exists()


def test_what_no_reaper_measured_is_unknown_and_not_nothing(site: _Site) -> None:
    closed, lost = OpenedRun(site.home), OpenedRun(site.home, pid=2**22 + 1)
    closed.close()
    site.rounds(2)
    for run_id in (closed.run_id, lost.run_id):
        ended = site.run(run_id)
        assert ended.status in (RunStatus.FINISHED, RunStatus.FAILED)
        assert (ended.cpu_seconds, ended.peak_memory_bytes) == (None, None)
