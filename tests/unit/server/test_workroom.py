"""Work that hangs does not hold up the rest."""

from __future__ import annotations

import asyncio
import threading

import pytest

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.server.workroom import IN_FLIGHT_PER_USER, RECOGNISING, Workroom


def test_work_that_hangs_is_given_up_and_the_rest_goes_on() -> None:
    async def scenario() -> None:
        workroom, stuck = Workroom(), threading.Event()
        with pytest.raises(Unavailable):
            await workroom.run(stuck.wait, timeout=0.01)
        assert await workroom.run(lambda: 42, timeout=10) == 42
        stuck.set()
        workroom.close()

    asyncio.run(scenario())


def test_what_work_raises_reaches_who_waits_for_it() -> None:
    def fail() -> None:
        raise LookupError("lost")

    async def scenario() -> None:
        workroom = Workroom()
        with pytest.raises(LookupError, match="lost"):
            await workroom.run(fail, timeout=10)
        workroom.close()

    asyncio.run(scenario())


def test_work_that_nobody_waits_for_any_more_is_not_begun() -> None:
    done: list[int] = []

    async def scenario() -> None:
        workroom, stuck = Workroom(), threading.Event()
        threads = IN_FLIGHT_PER_USER + RECOGNISING
        busy = [asyncio.ensure_future(workroom.run(stuck.wait, 10)) for _ in range(threads)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await workroom.run(lambda: done.append(1), timeout=0.01)
        gone = asyncio.ensure_future(workroom.run(lambda: done.append(2), 10))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        stuck.set()
        await asyncio.gather(*busy)
        await workroom.run(lambda: done.append(3), timeout=10)
        workroom.close()

    asyncio.run(scenario())
    assert done == [3]


def test_an_answer_that_comes_after_its_server_has_ended_goes_nowhere() -> None:
    workroom, stuck = Workroom(), threading.Event()
    finished = threading.Event()

    def work() -> None:
        stuck.wait()
        finished.set()

    async def scenario() -> None:
        with pytest.raises(Unavailable):
            await workroom.run(work, timeout=0.01)

    asyncio.run(scenario())
    stuck.set()
    assert finished.wait(10)
    workroom.later(lambda: None)
    workroom.close()


def test_a_workroom_that_is_closed_says_so_once() -> None:
    heard: list[object] = []

    async def scenario() -> None:
        workroom = Workroom()
        workroom.close()
        with pytest.raises(Unavailable):
            await workroom.run(lambda: 1, timeout=0.01)
        with pytest.raises(Unavailable):
            workroom.start(lambda: 1, 0.01, heard.append, heard.append)
        await asyncio.sleep(0.05)

    asyncio.run(scenario())
    assert heard == []
