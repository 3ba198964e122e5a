"""Runs that are parts of others: MLflow's clients say so in a tag."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select, text

from jupyter_mlops.domain.names import is_run_id
from jupyter_mlops.domain.runs import PARENT_TAG
from jupyter_mlops.store.tables import INDEXED_CHARS, experiments, runs, tags

parent_tags = tags.alias("parent_tags")
# For a join that reads the tag, if there is one, along with its run.
OF_RUN = and_(parent_tags.c.run == runs.c.seq, parent_tags.c.key == PARENT_TAG)


def parent_named(value: str | None) -> str | None:
    """Return the run that a tag names as the parent, None for text that names none."""
    return value if value is not None and is_run_id(value) else None


def are_parts_of(run_id: str) -> ColumnElement[bool]:
    """Return the condition that runs say to be parts of one, in whatever experiment."""
    # As in the index, whose first column is the experiment: there are few.
    indexed = func.substr(tags.c.value, text("1"), text(str(INDEXED_CHARS)))
    return runs.c.seq.in_(
        select(tags.c.run).where(
            tags.c.experiment.in_(select(experiments.c.id)),
            tags.c.key == PARENT_TAG,
            indexed == run_id,
        )
    )
