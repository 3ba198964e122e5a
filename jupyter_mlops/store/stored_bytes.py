"""How much is stored for somebody."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from jupyter_mlops.store.tables import artifacts, logged_model_artifacts, logged_models, runs


def of_user(connection: Connection, user: str) -> int:
    """Return the bytes of all files of a user's runs and logged models, those in the trash too.

    Equal files of two runs count twice, as they do for whoever deletes one of the runs.
    """
    of_runs = (
        select(func.sum(artifacts.c.size))
        .join_from(artifacts, runs, artifacts.c.run == runs.c.seq)
        .where(runs.c.user == user)
    )
    of_models = (
        select(func.sum(logged_model_artifacts.c.size))
        .join_from(
            logged_model_artifacts,
            logged_models,
            logged_model_artifacts.c.model == logged_models.c.seq,
        )
        .where(logged_models.c.user == user)
    )
    return sum(int(connection.scalar(each) or 0) for each in (of_runs, of_models))
