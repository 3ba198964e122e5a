"""Runs that a kernel opens with its own token: where they come from, and whose they are.

The first run that the notebook of a tracked run opens is the tracked run itself; later ones are its
children. What a person's kernel opens carries the notebook that it works in, as it is called now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from sqlalchemy import Connection

from jupyter_mlops.domain.client_runs import LoggedBatch, NewClientRun
from jupyter_mlops.domain.errors import Unauthenticated
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.kernel_tokens import KernelSession
from jupyter_mlops.domain.runs import PARENT_TAG, RunStatus
from jupyter_mlops.store import events, kernel_tokens, runs

_SOURCE_NAME, _SOURCE_TYPE, _USER = "mlflow.source.name", "mlflow.source.type", "mlflow.user"
# What MLflow's client takes for the source in a kernel, for want of a better one.
_PROGRAMS = frozenset({"ipykernel_launcher.py", "colab_kernel_launcher.py", "<console>"})


@dataclass(frozen=True)
class KernelPlace:
    """The kernel that asks, with the names under which it may know its notebook."""

    session: KernelSession
    notebook: str | None
    notebook_at_start: str | None

    def of_own_run(self, batch: LoggedBatch) -> LoggedBatch:
        """Return what is logged to a new run: its notebook as the source, its parent."""
        tags = dict(batch.tags)
        if self.notebook is not None and self._is_default_source(tags):
            tags |= {_SOURCE_NAME: self.notebook, _SOURCE_TYPE: "NOTEBOOK"}
        if self.session.run_id is not None:
            tags.setdefault(PARENT_TAG, self.session.run_id)
        return replace(batch, tags=tags)

    def of_tracked_run(self, batch: LoggedBatch, user: str) -> LoggedBatch:
        """Return what is logged to the tracked run: not what it says of itself as well."""
        known = {_SOURCE_NAME, _SOURCE_TYPE} if self._is_default_source(batch.tags) else set()
        if batch.tags.get(_USER) == user:
            known.add(_USER)
        return replace(
            batch, tags={key: text for key, text in batch.tags.items() if key not in known}
        )

    def _is_default_source(self, tags: Mapping[str, str]) -> bool:
        """Tell whether the client named a source by itself; what its user named stays."""
        name = tags.get(_SOURCE_NAME)
        if name is None or PurePosixPath(name).name in _PROGRAMS:
            return True
        paths = [path for path in (self.notebook, self.notebook_at_start) if path is not None]
        return name in (*paths, *(PurePosixPath(path).name for path in paths))


def place_of(connection: Connection, session: KernelSession) -> KernelPlace:
    """Return where a kernel works; Unauthenticated when it ended since it was let in.

    In the transaction that opens a run: it is opened before its kernel ends, or not at all.
    """
    found = kernel_tokens.place(connection, session.seq)
    if found is None:
        raise Unauthenticated("The kernel of this token has ended.")
    return KernelPlace(session, found.notebook, found.notebook_at_start)


def adopt(connection: Connection, place: KernelPlace, new: NewClientRun, now: int) -> str | None:
    """Return the tracked run if it is what its notebook opens here; None for another run.

    It moves to the experiment that the notebook names, and is under way from now on if that was not
    recorded yet.
    """
    run_id = place.session.run_id
    if run_id is None or PARENT_TAG in new.first.tags:
        return None
    state = runs.find(connection, run_id)
    if state is None or not kernel_tokens.adopt(connection, place.session.seq, run_id):
        return None
    if state.experiment_id != new.experiment_id:
        runs.change(connection, run_id, experiment_id=new.experiment_id)
    if state.status is RunStatus.SCHEDULED:
        runs.start(connection, run_id, now)
        events.append(connection, EventType.RUN_STARTED, run_id, state.user)
    events.append(connection, EventType.RUN_CHANGED, run_id, state.user)
    return run_id


def reopen(connection: Connection, session: KernelSession | None, run_id: str) -> None:
    """Note that a run which a client keeps is open, so that it ends with the kernel that opened it."""
    if session is not None:
        place_of(connection, session)
    kernel_tokens.take_over(connection, run_id, None if session is None else session.seq)
