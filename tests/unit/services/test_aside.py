"""A run with a large file is attended to in a thread of its own."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from jupyter_mlops.services.aside import LARGE_BYTES, Aside, Lengthy
from tests.workspace import until

# Its work never ends, and nobody asks it to.
NEVER = """
import threading
from jupyter_mlops.services.aside import Aside

begun = threading.Event()
def attend(run_id):
    begun.set()
    threading.Event().wait()
aside = Aside(attend, lambda: None)
aside.begin("a")
begun.wait()
aside.close()
"""


def test_who_attends_to_a_run_with_a_large_file_waits_for_nobody() -> None:
    go, done = threading.Event(), threading.Event()
    aside = Aside(lambda _: go.wait(60), done.set)
    aside.begin("a")
    aside.begin("b")
    assert aside.under_way == {"a", "b"}
    assert not done.is_set()
    go.set()
    assert done.wait(60)
    until(lambda: not aside.under_way, "both to be done")
    aside.close()


def test_a_large_file_is_admitted_in_that_thread_alone() -> None:
    admitted = threading.Event()

    def attend(_: str) -> bool:
        aside.admit(LARGE_BYTES + 1)
        admitted.set()
        return True

    aside = Aside(attend, lambda: None)
    aside.admit(LARGE_BYTES)
    with pytest.raises(Lengthy):
        aside.admit(LARGE_BYTES + 1)
    aside.begin("a")
    assert admitted.wait(60)
    with pytest.raises(Lengthy):
        aside.admit(LARGE_BYTES + 1)
    aside.close()


def test_a_run_that_fails_is_given_back_and_the_next_has_its_turn() -> None:
    attended: list[str] = []

    def attend(run_id: str) -> bool:
        attended.append(run_id)
        return run_id == "good"

    done = threading.Event()
    aside = Aside(attend, done.set)
    aside.begin("bad")
    aside.begin("good")
    assert done.wait(60)
    assert attended == ["bad", "good"]
    until(lambda: not aside.under_way, "both to be given back")
    aside.close()


def test_a_process_ends_though_a_file_is_being_copied() -> None:
    subprocess.run([sys.executable, "-c", NEVER], check=True, timeout=60)
