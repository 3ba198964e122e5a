"""Where the synchronous core works for an asynchronous host: a few threads, fairly shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

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


class Job(Generic[T]):
    """Work that a thread does, and who waits in the loop for what comes of it."""

    # Not by run_in_executor and wait_for: what they do beside it takes as long as a short read.

    def __init__(
        self,
        work: Callable[[], T],
        timeout: float,
        succeed: Callable[[T], object],
        fail: Callable[[BaseException], object],
    ) -> None:
        self._work = work
        self._succeed = succeed
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.call_later(timeout, self._give_up)
        self._awaited = True
        self.place: Future[None] | None = None

    def forget(self) -> None:
        """Wait for nothing any more; work that was not begun is not."""
        self._awaited = False
        self._clock.cancel()
        if self.place is not None:
            self.place.cancel()

    def do(self) -> None:
        """Work, and tell who waits; in the thread."""
        try:
            tell = partial(self._end, self._succeed, self._work())
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits for the answer
            tell = partial(self._end, self._fail, error)
        # A loop that was closed meanwhile has nobody who waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(tell)

    def _give_up(self) -> None:
        self._end(self._fail, Unavailable(_TOO_LONG))

    def _end(self, tell: Callable[[Any], object], what: Any) -> None:
        if self._awaited:
            self.forget()
            tell(what)


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
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = self.start(work, timeout, partial(_succeed, answer), partial(_fail, answer))
        try:
            return await answer
        finally:
            job.forget()

    def start(
        self,
        work: Callable[[], T],
        timeout: float,
        succeed: Callable[[T], object],
        fail: Callable[[BaseException], object],
    ) -> Job[T]:
        """Do ``work`` in a thread; one of the two hears of it in the loop, once.

        Raises Unavailable when no more work is taken.
        """
        job = Job(work, timeout, succeed, fail)
        try:
            job.place = self._pool.submit(job.do)
        except RuntimeError:
            job.forget()
            raise Unavailable("The server is about to end.") from None
        return job

    def later(self, work: Callable[[], object]) -> None:
        """Do ``work`` in a thread when one is free; nobody waits for it."""
        try:
            self._pool.submit(work)
        except RuntimeError:  # no more work is taken
            work()

    def close(self) -> None:
        """Take no more work; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _succeed(answer: asyncio.Future[T], result: T) -> None:
    # Who waited may have gone in this moment.
    if not answer.done():
        answer.set_result(result)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
