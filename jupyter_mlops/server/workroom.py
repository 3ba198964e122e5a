"""Where the synchronous core works for an asynchronous host: a few threads, fairly shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.server.places import Places

IN_FLIGHT_PER_USER = 8
WAITING_PER_USER = 64
# Clients that log are many processes at times, and repeat what is refused after long pauses: they
# wait in line, before their bodies are read. Two threads are left to the panel of the same user.
TRACKING_PER_USER = 6
TRACKING_WAITING_PER_USER = 2_000
# Files on their way out: a slow reader holds one of these, and no place that others need.
SENDING_PER_USER = 32
# Tokens of kernels that are looked up at once, and those that may wait for it: of all who ask
# together, in threads beside those of the known.
RECOGNISING = 2
RECOGNISING_WAITING = 2_000

_TOO_LONG = "This took too long; the disk or database may be stuck."

T = TypeVar("T")


class Workroom:
    """Own threads, so that a hanging disk holds up this extension and nothing else."""

    def __init__(self) -> None:
        threads = IN_FLIGHT_PER_USER + RECOGNISING
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mlops-api")
        self.working = Places(IN_FLIGHT_PER_USER, WAITING_PER_USER)
        self.recognising = Places(RECOGNISING, RECOGNISING_WAITING)
        self.tracking = Places(TRACKING_PER_USER, TRACKING_WAITING_PER_USER)
        self.sending = Places(SENDING_PER_USER, WAITING_PER_USER)

    async def run(self, work: Callable[[], T], timeout: float) -> T:
        """Return ``work()`` from a thread; Unavailable after ``timeout`` seconds."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        # Not by run_in_executor and wait_for: what they do beside it takes as long as a short read.
        job = self._pool.submit(_work, work, loop, answer)
        clock = loop.call_later(timeout, _give_up, answer)
        try:
            return await answer
        finally:
            clock.cancel()
            job.cancel()

    def later(self, work: Callable[[], object]) -> None:
        """Do ``work`` in a thread when one is free; nobody waits for it."""
        try:
            self._pool.submit(work)
        except RuntimeError:  # no more work is taken
            work()

    def close(self) -> None:
        """Take no more work; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _work(
    work: Callable[[], T], loop: asyncio.AbstractEventLoop, answer: asyncio.Future[T]
) -> None:
    try:
        settle = partial(_succeed, answer, work())
    except BaseException as error:  # noqa: BLE001
        # Broad: whatever it is, it belongs to who waits for the answer.
        settle = partial(_fail, answer, error)
    # A loop that was closed meanwhile has nobody who waits.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(settle)


def _succeed(answer: asyncio.Future[T], result: T) -> None:
    # Who waited may have gone.
    if not answer.done():
        answer.set_result(result)


def _give_up(answer: asyncio.Future[Any]) -> None:
    _fail(answer, Unavailable(_TOO_LONG))


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
