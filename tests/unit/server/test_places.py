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


def test_a_place_that_is_free_is_taken_at_once_and_only_then() -> None:
    places = Places(2, waiting=3)
    first, second = places.take_free("olive"), places.take_free("olive")
    assert first is not None
    assert second is not None
    assert places.take_free("olive") is None
    assert places.are_taken("olive")
    assert places.take_free("vera") is not None
    first()
    assert not places.are_taken("olive")
    assert places.take_free("olive") is not None


def test_the_place_of_who_leaves_goes_to_who_has_waited_longest() -> None:
    async def scenario() -> None:
        places, came = Places(1, waiting=3), list[int]()
        leave = places.take_free("olive")
        assert leave is not None

        async def wait(number: int) -> None:
            async with places.place("olive"):
                came.append(number)

        waiting = [asyncio.create_task(wait(number)) for number in range(3)]
        await asyncio.sleep(0)
        leave()
        # The place is promised: who comes in this moment has to wait behind the others.
        assert places.take_free("olive") is None
        await asyncio.gather(*waiting)
        assert came == [0, 1, 2]

    asyncio.run(scenario())


@pytest.mark.parametrize("promised", [False, True])
def test_who_waits_no_more_holds_no_place(promised: bool) -> None:
    async def scenario() -> None:
        places = Places(1, waiting=3)
        leave = places.take_free("olive")
        assert leave is not None
        waiting = asyncio.create_task(places.take("olive"))
        await asyncio.sleep(0)
        if promised:
            leave()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        if not promised:
            assert places.take_free("olive") is None
            leave()
        assert places.take_free("olive") is not None
        assert places.take_free("olive") is None

    asyncio.run(scenario())


def test_one_that_is_thrown_away_while_it_waits_gives_no_place_to_another() -> None:
    async def scenario() -> None:
        places = Places(1, waiting=3)
        leave = places.take_free("olive")
        assert leave is not None
        before = asyncio.create_task(places.take("olive"))
        await asyncio.sleep(0)
        thrown = places.take("olive")
        thrown.send(None)
        thrown.close()
        await asyncio.sleep(0)
        assert not before.done()
        leave()
        await before

    asyncio.run(scenario())
