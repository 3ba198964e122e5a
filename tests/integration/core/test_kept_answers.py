"""A request that an earlier version answered is not carried out twice when its client repeats it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.experiments import NewExperiment
from jupyter_mlops.domain.runs import NewRun, Rerun, Run, RunStatus
from jupyter_mlops.services import request_keys as answers
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.store import experiments, request_keys, runs
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import experiments as experiments_table
from tests.workspace import Workspace

# As a version kept them whose runs knew no autologging and no parent, and for these requests.
KEPT: dict[str, Any] = msgspec.json.decode(
    Path(__file__).with_name("kept_answers.json").read_bytes()
)
SUBMITTED = NewRun(
    notebook="train.ipynb",
    parameters={"alpha": 0.25, "nothing": None, "token": "canary-0123456789"},
    experiment="wine",
    time_limit=60.0,
    tags={"stage": "trial"},
)
REPEATED = Rerun(parameters={"alpha": 0.5, "token": "canary-0123456789"})
FIRST_RUN: str = KEPT["submit"]["run"]["run_id"]
AGAIN: str = KEPT["rerun"]["run"]["run_id"]


@pytest.fixture
def upgraded(workspace: Workspace) -> Workspace:
    """A workspace with the runs that the earlier version made, and its answers."""
    # Answers are kept for days, not for ever.
    now = now_ms()
    database = Database.open(workspace.home / "store.db")
    with database.write() as connection:
        experiment_id, _ = experiments.ensure(connection, "wine", now)
        connection.execute(experiments_table.insert().values(_experiment_row()))
        for key, answer in KEPT.items():
            if answer["run"] is not None:
                runs.insert(connection, _row(answer["run"], experiment_id, now))
            request_keys.put(connection, "ada", key, msgspec.json.encode(answer), now)
    database.close()
    return workspace


def _experiment_row() -> dict[str, Any]:
    made = KEPT["experiment"]["experiment"]
    own = {"id": made["experiment_id"], "canonical_name": made["name"]}
    return own | {column: made[column] for column in made if column in experiments_table.c}


def _row(made: dict[str, Any], experiment_id: int, now: int) -> runs.NewRunRow:
    return runs.NewRunRow(
        run_id=made["run_id"],
        experiment_id=experiment_id,
        name=made["name"],
        source_type="notebook",
        notebook=made["notebook"],
        user=made["user"],
        kernel_name=made["kernel_name"],
        time_limit=made["time_limit"],
        save_to=None,
        rerun_of=made["rerun_of"],
        source_digest=made["source_digest"],
        created_at=now,
        status=RunStatus.FINISHED,
        spec=None,
    )


def submit(workspace: Workspace, new: NewRun = SUBMITTED) -> Run:
    run: Run = workspace.ask("POST", "runs", new, request_key="submit")
    return run


def keep(workspace: Workspace, key: str, answer: bytes) -> None:
    database = Database.open(workspace.home / "store.db")
    with database.write() as connection:
        request_keys.replace(connection, "ada", key, answer)
    database.close()


def test_a_repeated_request_gets_the_run_that_the_earlier_version_made(
    upgraded: Workspace,
) -> None:
    run = submit(upgraded)
    assert (run.run_id, run.status, run.autolog) == (FIRST_RUN, RunStatus.FINISHED, False)
    again = upgraded.ask("POST", f"runs/{FIRST_RUN}/rerun", REPEATED, request_key="rerun")
    assert again.run_id == AGAIN
    assert upgraded.page().total == 2


def test_a_repeated_request_gets_the_experiment_that_the_earlier_version_made(
    upgraded: Workspace,
) -> None:
    asked = NewExperiment(name="beer")
    made = upgraded.ask("POST", "experiments", asked, request_key="experiment")
    assert msgspec.to_builtins(made) == KEPT["experiment"]["experiment"]


def test_an_experiment_that_was_deleted_for_good_is_not_made_anew(upgraded: Workspace) -> None:
    database = Database.open(upgraded.home / "store.db")
    with database.write() as connection:
        connection.execute(experiments_table.delete().where(experiments_table.c.name == "beer"))
    database.close()
    with pytest.raises(Conflict, match="deleted permanently"):
        upgraded.ask("POST", "experiments", NewExperiment(name="beer"), request_key="experiment")


def test_an_experiment_that_cannot_be_read_as_it_was_kept_is_read_anew(
    upgraded: Workspace,
) -> None:
    named = upgraded.ask("POST", "experiments", NewExperiment(name="cider")).experiment_id
    kept = {**KEPT["experiment"], "experiment": {"experiment_id": named, "name": "beer"}}
    keep(upgraded, "experiment", msgspec.json.encode(kept))
    asked = NewExperiment(name="beer")
    made = upgraded.ask("POST", "experiments", asked, request_key="experiment")
    assert (made.experiment_id, made.name) == (named, "cider")


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(SUBMITTED, name="another"),
        msgspec.structs.replace(SUBMITTED, autolog=False),
        msgspec.structs.replace(SUBMITTED, parameters={"alpha": 0.25, "token": "canary"}),
    ],
)
def test_another_request_under_a_key_of_the_earlier_version_is_refused(
    upgraded: Workspace, other: NewRun
) -> None:
    with pytest.raises(Conflict, match="another request"):
        submit(upgraded, other)
    assert upgraded.page().total == 2


def test_a_run_of_the_earlier_version_that_was_purged_leaves_no_answer_and_is_not_made_anew(
    upgraded: Workspace,
) -> None:
    upgraded.trash(FIRST_RUN)
    upgraded.purge(FIRST_RUN)
    with pytest.raises(NotFound):
        upgraded.run(FIRST_RUN)
    assert FIRST_RUN.encode() not in _kept(upgraded, "submit")
    with pytest.raises(Conflict, match="deleted permanently"):
        submit(upgraded)
    # Purged by a version that could not read the answer, and so left it.
    keep(upgraded, "submit", msgspec.json.encode(KEPT["submit"]))
    with pytest.raises(Conflict, match="deleted permanently"):
        submit(upgraded)


def _kept(workspace: Workspace, key: str) -> bytes:
    database = Database.open(workspace.home / "store.db")
    with database.read() as connection:
        kept = request_keys.find(connection, "ada", key)
    database.close()
    assert kept is not None
    return kept


def test_an_answer_that_names_nothing_is_no_reason_to_ask_again_with_a_new_key(
    upgraded: Workspace,
) -> None:
    keep(upgraded, "submit", b'{"shape": "of another version"}')
    with pytest.raises(Conflict, match="look whether the request was carried out"):
        submit(upgraded)


def test_a_field_that_comes_later_changes_no_digest_while_it_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class LaterRerun(Rerun, frozen=True, kw_only=True, forbid_unknown_fields=True):
        later: str | None = None

    monkeypatch.setitem(answers._FIRST_FIELDS, LaterRerun, answers._FIRST_FIELDS[Rerun])
    of = f"rerun {FIRST_RUN}"
    unused, used = (
        answers._digest(of, LaterRerun(parameters=REPEATED.parameters, later=later), ["token"])
        for later in (None, "used")
    )
    assert unused == KEPT["rerun"]["digest"]
    assert used != unused
