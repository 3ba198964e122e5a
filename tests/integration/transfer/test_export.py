"""What a server holds, carried to another one and back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.transfer.conftest import End


@pytest.fixture(scope="module")
def native(here: End) -> str:
    """The name of an experiment with a run that was made here."""
    reader = here.reader
    experiment = reader.tell("experiments/create", {"name": "native"})["experiment_id"]
    run = reader.tell("runs/create", {"experiment_id": experiment, "run_name": "born here"})["run"]
    reader.tell("runs/update", {"run_id": run["info"]["run_id"], "status": "FINISHED"})
    return "native"


def test_what_goes_out_is_what_came_in(here: End, there: End, imported: Any) -> None:
    done, report = here.carries("export", "--to", there.url, "--experiment", "wine")
    assert done.code == 0, done.told
    assert report["not_carried"] == []
    assert report["carried"] | {"runs": 3, "model versions": 3} == report["carried"]
    assert there.holds("wine") == here.holds("wine")


def test_exporting_again_adds_nothing(here: End, there: End, imported: Any) -> None:
    arguments = ("export", "--to", there.url, "--experiment", "wine")
    here.carries(*arguments)
    before = there.holds("wine")
    done, report = here.carries(*arguments)
    assert done.code == 0
    assert set(report["carried"].values()) == {0}
    assert there.holds("wine") == before


def test_what_comes_back_is_recognized(here: End, there: End, imported: Any) -> None:
    here.carries("export", "--to", there.url, "--experiment", "wine")
    before = here.holds("wine")
    done, report = here.carries("import", "--from", there.url, "--experiment", "wine")
    assert done.code == 0, done.told
    assert set(report["carried"].values()) == {0}
    assert here.holds("wine") == before


def test_what_was_made_here_is_recognized_when_it_comes_back(
    here: End, there: End, native: str
) -> None:
    done, _ = here.carries("export", "--to", there.url, "--experiment", native)
    assert done.code == 0, done.told
    assert there.holds(native)["experiments"] == here.holds(native)["experiments"]
    _, report = here.carries("import", "--from", there.url, "--experiment", native)
    assert report["carried"]["runs"] == 0
    assert set(here.holds(native)["experiments"][native]["runs"]) == {"born here"}


def test_a_server_is_not_carried_into_itself(here: End, native: str) -> None:
    done, _ = here.carries("export", "--to", here.url)
    assert done.code == 2
    assert "same store" in done.told
    assert set(here.holds(native)["experiments"][native]["runs"]) == {"born here"}
