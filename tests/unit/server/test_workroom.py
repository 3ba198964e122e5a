"""Eight requests of a user are under way at once, some wait, and the rest are told to."""

from __future__ import annotations

import asyncio
import threading

import pytest

from jupyter_mlops.domain.errors import Busy, Unavailable
from jupyter_mlops.server.workroom import IN_FLIGHT_PER_USER, WAITING_PER_USER, Workroom


async def hold(workroom: Workroom, user: str, inside: list[str], release: asyncio.Event) -> None:
    async with workroom.place(user):
        inside.append(user)
        await release.wait()


def test_the_ninth_request_waits_and_the_seventy_third_is_refused() -> None:
    async def scenario() -> None:
        workroom, release, inside = Workroom(), asyncio.Event(), list[str]()
        most = IN_FLIGHT_PER_USER + WAITING_PER_USER
        tasks = [asyncio.create_task(hold(workroom, "olive", inside, release)) for _ in range(most)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(inside) == IN_FLIGHT_PER_USER
        with pytest.raises(Busy):
            await hold(workroom, "olive", inside, release)
        other = asyncio.create_task(hold(workroom, "vera", inside, release))
        await asyncio.sleep(0)
        assert inside[-1] == "vera"
        release.set()
        await asyncio.gather(*tasks, other)
        assert len(inside) == most + 1
        await hold(workroom, "olive", inside, release)
        workroom.close()

    asyncio.run(scenario())


def test_work_that_hangs_is_given_up_and_the_rest_goes_on() -> None:
    async def scenario() -> None:
        workroom, stuck = Workroom(), threading.Event()
        with pytest.raises(Unavailable):
            await workroom.run(stuck.wait, timeout=0.01)
        assert await workroom.run(lambda: 42, timeout=10) == 42
        stuck.set()
        workroom.close()

    asyncio.run(scenario())
