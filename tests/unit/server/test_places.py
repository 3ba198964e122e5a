"""So many requests of a user are under way at once, some wait, and the rest are told to."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_mlops.domain.errors import Busy
from jupyter_mlops.server.places import Places


async def hold(places: Places, user: str, inside: list[str], release: asyncio.Event) -> None:
    async with places.place(user):
        inside.append(user)
        await release.wait()


def test_the_third_of_two_waits_and_the_sixth_is_refused() -> None:
    async def scenario() -> None:
        places, release, inside = Places(2, waiting=3), asyncio.Event(), list[str]()
        tasks = [asyncio.create_task(hold(places, "olive", inside, release)) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert inside == ["olive"] * 2
        with pytest.raises(Busy):
            await hold(places, "olive", inside, release)
        other = asyncio.create_task(hold(places, "vera", inside, release))
        await asyncio.sleep(0)
        assert inside[-1] == "vera"
        release.set()
        await asyncio.gather(*tasks, other)
        assert len(inside) == 6
        await hold(places, "olive", inside, release)

    asyncio.run(scenario())
