"""While a large file is taken in, the dispatcher keeps its leases and passes on cancels."""

from __future__ import annotations

import threading

import pytest

from jupyter_mlops.domain.errors import DiskFull, Unavailable
from jupyter_mlops.services.aside import Aside


@pytest.fixture
def pulses() -> threading.Semaphore:
    """Counts the pulses there were."""
    return threading.Semaphore(0)


def test_what_cannot_wait_is_done_again_and_again_while_the_work_lasts(
    pulses: threading.Semaphore,
) -> None:
    aside = Aside(pulses.release)
    # The work ends only because of the pulses.
    assert aside.do(lambda: pulses.acquire(timeout=60) and pulses.acquire(timeout=60))
    aside.close()


def test_a_pulse_that_fails_does_not_end_the_work(pulses: threading.Semaphore) -> None:
    def pulse() -> None:
        pulses.release()
        raise Unavailable("The store is away.")

    aside = Aside(pulse)
    assert aside.do(lambda: pulses.acquire(timeout=60))
    aside.close()


def test_what_goes_wrong_in_the_work_is_told_to_who_asked_for_it() -> None:
    def work() -> None:
        raise DiskFull("No room is left.")

    aside = Aside(lambda: None)
    with pytest.raises(DiskFull, match="No room"):
        aside.do(work)
    aside.close()


def test_a_pulse_is_given_by_who_asked_not_by_the_work() -> None:
    given: list[int] = []
    done = threading.Event()

    def pulse() -> None:
        given.append(threading.get_ident())
        done.set()

    aside = Aside(pulse)
    assert aside.do(lambda: done.wait(60))
    aside.close()
    assert set(given) == {threading.get_ident()}
