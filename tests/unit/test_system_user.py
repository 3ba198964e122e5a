"""Who runs a process has a name in any case."""

from __future__ import annotations

import os

import pytest

from jupyter_mlops.system_user import system_user


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user id that the system has no name for, as in many containers."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54_321)


@pytest.mark.usefixtures("nameless")
def test_a_user_without_a_name_is_known_by_the_number() -> None:
    assert system_user() == "uid-54321"


def test_a_user_with_a_name_is_known_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert system_user() == "ada"
