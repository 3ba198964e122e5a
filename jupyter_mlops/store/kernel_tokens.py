"""Queries of the tokens of kernels, and of what was opened with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from jupyter_mlops.domain.kernel_tokens import OpenRunsEnd
from jupyter_mlops.domain.logged_models import LoggedModelStatus
from jupyter_mlops.domain.runs import ACTIVE
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import kernel_tokens, logged_models, runs

_ACTIVE = sorted(status.value for status in ACTIVE)
_LIVE = kernel_tokens.c.revoked_at.is_(None)
_USED = exists().where(runs.c.kernel_token == kernel_tokens.c.seq)
_GOING = exists().where(runs.c.run_id == kernel_tokens.c.run_id, runs.c.status.in_(_ACTIVE))
# Made once: every end of a client's run goes through it.
_TAKE_OVER = Prepared(
    update(runs)
    .where(runs.c.run_id == bindparam("of_run_id"))
    .values(kernel_token=bindparam("seq"))
)


@dataclass(frozen=True)
class NewToken:
    """What is known of a token when it is made, but never the token; times in milliseconds."""

    digest: str
    user: str
    kernel_id: str | None
    run_id: str | None
    notebook: str | None
    server: str
    created_at: int
    expires_at: int | None


@dataclass(frozen=True)
class KnownToken:
    """A token that is not revoked; ``expires_at`` is null where its run alone counts."""

    seq: int
    digest: str
    user: str
    kernel_id: str | None
    run_id: str | None
    notebook: str | None
    server: str
    expires_at: int | None


@dataclass(frozen=True)
class Place:
    """Where the kernel of a token works: the path of its notebook as it is, and as it began."""

    notebook: str | None
    notebook_at_start: str | None


@dataclass(frozen=True)
class ClosedRun:
    """A run that was open and has been ended."""

    run_id: str
    user: str


@dataclass(frozen=True)
class ClosedModel:
    """A logged model that waited for its files and waits no more."""

    model_id: str
    user: str


def insert(connection: Connection, token: NewToken) -> int:
    """Store what is known of a token; return its number."""
    statement = kernel_tokens.insert().values(
        digest=token.digest,
        user=token.user,
        kernel_id=token.kernel_id,
        run_id=token.run_id,
        notebook=token.notebook,
        notebook_at_start=token.notebook,
        server=token.server,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )
    return int(connection.execute(statement.returning(kernel_tokens.c.seq)).scalar_one())


def find(connection: Connection, digest: str) -> KnownToken | None:
    """Return the token with this digest, None for one that is revoked or of a run that has ended."""
    row = connection.execute(
        select(
            kernel_tokens.c.seq,
            kernel_tokens.c.digest,
            kernel_tokens.c.user,
            kernel_tokens.c.kernel_id,
            kernel_tokens.c.run_id,
            kernel_tokens.c.notebook,
            kernel_tokens.c.server,
            kernel_tokens.c.expires_at,
        ).where(
            kernel_tokens.c.digest == digest,
            _LIVE,
            or_(kernel_tokens.c.kernel_id.is_not(None), _GOING),
        )
    ).one_or_none()
    return None if row is None else KnownToken(*row)


def place(connection: Connection, seq: int) -> Place | None:
    """Return where the kernel of a token works now, None for one that is revoked meanwhile."""
    row = connection.execute(
        select(kernel_tokens.c.notebook, kernel_tokens.c.notebook_at_start).where(
            kernel_tokens.c.seq == seq, _LIVE
        )
    ).one_or_none()
    return None if row is None else Place(*row)


def adopt(connection: Connection, seq: int, run_id: str) -> bool:
    """Make a tracked run the first one that its notebook opened; False when it has been before."""
    adopted = (
        update(runs)
        .where(runs.c.run_id == run_id, runs.c.kernel_token.is_(None), runs.c.status.in_(_ACTIVE))
        .values(kernel_token=seq, version=runs.c.version + 1)
    )
    return connection.execute(adopted).rowcount == 1


def take_over(connection: Connection, run_id: str, seq: int | None) -> None:
    """Note with which token a run was opened again, None for another kind of token."""
    _TAKE_OVER.change(connection, {"of_run_id": run_id, "seq": seq})


def of_kernel(connection: Connection, kernel_id: str) -> list[int]:
    """Return the numbers of the live tokens of a kernel."""
    return list(
        connection.scalars(
            select(kernel_tokens.c.seq).where(_LIVE, kernel_tokens.c.kernel_id == kernel_id)
        )
    )


def of_run(connection: Connection, run_id: str) -> list[int]:
    """Return the numbers of the live tokens of a tracked run; one that was started twice has two."""
    return list(
        connection.scalars(
            select(kernel_tokens.c.seq).where(_LIVE, kernel_tokens.c.run_id == run_id)
        )
    )


def servers(connection: Connection) -> list[str]:
    """Return the servers that keep kernels with live tokens."""
    return list(
        connection.scalars(
            select(kernel_tokens.c.server)
            .where(_LIVE, kernel_tokens.c.kernel_id.is_not(None))
            .distinct()
        )
    )


def abandoned(
    connection: Connection, gone: Collection[str], here: Collection[str], now: int
) -> list[int]:
    """Return the live tokens of kernels whose server is among ``gone``, or renews them no more.

    Those ``here`` live: one that slept may have to renew them still.
    """
    silent = and_(kernel_tokens.c.expires_at <= now, kernel_tokens.c.server.not_in(here))
    return list(
        connection.scalars(
            select(kernel_tokens.c.seq).where(
                _LIVE,
                kernel_tokens.c.kernel_id.is_not(None),
                or_(kernel_tokens.c.server.in_(gone), silent),
            )
        )
    )


def ended_runs(connection: Connection) -> list[str]:
    """Return the tracked runs that have ended, or are gone, and have live tokens still."""
    return list(
        connection.scalars(
            select(kernel_tokens.c.run_id)
            .where(_LIVE, kernel_tokens.c.run_id.is_not(None), ~_GOING)
            .distinct()
        )
    )


def move(connection: Connection, kernel_id: str, notebook: str | None) -> None:
    """Note the path that the notebook of a kernel has now."""
    connection.execute(
        update(kernel_tokens)
        .where(_LIVE, kernel_tokens.c.kernel_id == kernel_id)
        .values(notebook=notebook)
    )


def renew(
    connection: Connection, server: str, kernel_ids: Collection[str], expires_at: int
) -> None:
    """Let the live tokens of these kernels of a server be good until ``expires_at``."""
    connection.execute(
        update(kernel_tokens)
        .where(_LIVE, kernel_tokens.c.server == server, kernel_tokens.c.kernel_id.in_(kernel_ids))
        .values(expires_at=expires_at)
    )


def revoke(connection: Connection, seqs: Collection[int], now: int) -> None:
    """Make tokens worthless from now on; those with which no run was opened are forgotten."""
    connection.execute(delete(kernel_tokens).where(kernel_tokens.c.seq.in_(seqs), ~_USED))
    connection.execute(
        update(kernel_tokens).where(_LIVE, kernel_tokens.c.seq.in_(seqs)).values(revoked_at=now)
    )


def forget_unused(connection: Connection, seq: int) -> None:
    """Forget a worthless token if there is no run any more that was opened with it."""
    connection.execute(delete(kernel_tokens).where(kernel_tokens.c.seq == seq, ~_LIVE, ~_USED))


def close_runs(
    connection: Connection, seqs: Collection[int], end: OpenRunsEnd, now: int
) -> list[ClosedRun]:
    """End the clients' runs that were opened with these tokens and are open; return them."""
    began = func.coalesce(runs.c.started_at, runs.c.created_at)
    rows = connection.execute(
        update(runs)
        .where(
            runs.c.kernel_token.in_(seqs),
            runs.c.status.in_(_ACTIVE),
            # A tracked run itself ends as its reaper says.
            runs.c.source_type == "client",
        )
        .values(
            status=end.status.value,
            reason=None if end.reason is None else end.reason.value,
            message=end.message,
            ended_at=now,
            duration_ms=_at_least_zero(connection, now - began),
            version=runs.c.version + 1,
        )
        .returning(runs.c.run_id, runs.c.user)
    )
    return [ClosedRun(*row) for row in rows]


def close_models(connection: Connection, seqs: Collection[int], now: int) -> list[ClosedModel]:
    """Mark models as failed that wait for their files, of runs opened with these tokens; return them.

    Whoever would have sent the files is gone, however the runs ended.
    """
    theirs = select(runs.c.run_id).where(runs.c.kernel_token.in_(seqs))
    rows = connection.execute(
        update(logged_models)
        .where(
            logged_models.c.source_run_id.in_(theirs),
            logged_models.c.status == LoggedModelStatus.PENDING.value,
        )
        .values(status=LoggedModelStatus.FAILED.value, updated_at=now)
        .returning(logged_models.c.model_id, logged_models.c.user)
    )
    return [ClosedModel(*row) for row in rows]


def _at_least_zero(connection: Connection, value: ColumnElement[int]) -> ColumnElement[int]:
    """Return the larger of a number and 0, which the two engines spell differently."""
    if connection.dialect.name == "sqlite":
        return func.max(value, 0)
    return func.greatest(value, 0)
