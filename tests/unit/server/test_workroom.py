"""Work that hangs does not hold up the rest."""

from __future__ import annotations

import asyncio
import threading

import pytest

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.server.workroom import Workroom


def test_work_that_hangs_is_given_up_and_the_rest_goes_on() -> None:
    async def scenario() -> None:
        workroom, stuck = Workroom(), threading.Event()
        with pytest.raises(Unavailable):
            await workroom.run(stuck.wait, timeout=0.01)
        assert await workroom.run(lambda: 42, timeout=10) == 42
        stuck.set()
        workroom.close()

    asyncio.run(scenario())
