"""An experiment: a named collection of runs."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_mlops.domain.runs import Tag

DEFAULT_EXPERIMENT = "Default"
# By this number MLflow's clients log when they name no experiment.
DEFAULT_EXPERIMENT_ID = 0
DESCRIPTION_MAX_CHARS = 5_000
PAGE_MAX_EXPERIMENTS = 1_000

# Told by the contract; the service checks it, and says what is too long.
Description = Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": DESCRIPTION_MAX_CHARS})]


class NewExperiment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to create an experiment; its name is unique regardless of case."""

    name: str
    description: Description = ""


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment, with the number of its runs that are not in the trash."""

    experiment_id: int
    name: str
    description: str
    created_at: int
    updated_at: int
    deleted_at: int | None
    tags: list[Tag]
    run_count: int
    last_run_at: int | None


class ExperimentList(msgspec.Struct, frozen=True, kw_only=True):
    """Experiments, the most recently used first; ``total`` counts those that match."""

    experiments: list[Experiment]
    total: int
