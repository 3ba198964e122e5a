"""Many commits become one Jupyter event a quarter of a second, and the last is always told."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from jupyter_events import EventLogger

from jupyter_mlops.server.changes import INTERVAL_SECONDS, SCHEMA_ID, ChangeSignal, announce


def test_a_burst_from_a_thread_is_told_at_most_four_times_a_second() -> None:
    told: list[int] = []

    async def scenario() -> float:
        logger, loop = EventLogger(), asyncio.get_running_loop()
        announce(logger)
        signal, started, last = ChangeSignal(logger), loop.time(), asyncio.Event()

        async def listener(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
            del logger, schema_id
            told.append(data["seq"])
            if data["seq"] == 1_000:
                last.set()

        logger.add_listener(schema_id=SCHEMA_ID, listener=listener)
        pause = threading.Event()

        def commit() -> None:
            for seq in range(1, 1_001):
                signal.notify(seq)
                pause.wait(0.000_5)

        await asyncio.to_thread(commit)
        await last.wait()
        elapsed = loop.time() - started
        signal.close()
        signal.notify(5_000)
        await asyncio.sleep(2 * INTERVAL_SECONDS)
        return elapsed

    elapsed = asyncio.run(scenario())
    assert told == sorted(told)
    assert told[-1] == 1_000
    assert len(told) <= elapsed / INTERVAL_SECONDS + 1
