"""The tags by which a destination tells what it was given, and whether it has all of it.

What was carried before keeps its first origin: a run that went from A to B and on to C is known in
C as that of A, and is recognized in A itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.transfer.records import LoggedModel, RegisteredModel, Run

RUN = "mlops.origin.run"
LOGGED_MODEL = "mlops.origin.logged_model"
REGISTERED_MODEL = "mlops.origin.registered_model"
VERSION = "mlops.origin.version"
# Made together with what it is on, and removed when that is complete.
UNFINISHED = "mlops.origin.unfinished"
_ALL = frozenset({RUN, LOGGED_MODEL, REGISTERED_MODEL, VERSION, UNFINISHED})


def of_run(run: Run) -> str:
    """Return the id that a run had at first."""
    return run.tags.get(RUN) or run.run_id


def of_model(model: LoggedModel) -> str:
    """Return the id that a logged model had at first."""
    return model.tags.get(LOGGED_MODEL) or model.model_id


def of_registered_model(model: RegisteredModel) -> str:
    """Return what tells a registered model from another one of the same name."""
    return model.tags.get(REGISTERED_MODEL) or f"{model.created_at}/{model.name}"


def without(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags without those of this module."""
    return {key: value for key, value in tags.items() if key not in _ALL}
