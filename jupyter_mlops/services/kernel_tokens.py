"""Tokens of kernels: made when a kernel starts, worthless when it ends, and with it what it left open.

A token is for the MLflow door alone. It is known by its hash only, and looked up at each request.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Collection

from sqlalchemy import Connection

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, Unauthenticated
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.kernel_scopes import GRANTED
from jupyter_mlops.domain.kernel_tokens import (
    ENDS,
    RANDOM_BYTES,
    KernelEnd,
    KernelSession,
    OpenRunsEnd,
    digest,
    looks_like_token,
    with_tracked_run,
)
from jupyter_mlops.domain.runs import ACTIVE
from jupyter_mlops.secret_forms import TOKEN_PREFIX
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.kernel_servers import KernelServers
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, kernel_tokens, runs
from jupyter_mlops.store.database import Database

# Whoever keeps the kernel renews it every hour.
LIFETIME_MS = 24 * 3_600_000
# Of the server only what its MLflow door tells of it: that it is there, and what it can do.
_SCOPES = frozenset(f"{resource}:{action}" for action, resource in GRANTED) | {"mlops:server:read"}
_REFUSED = "This token is not valid, or its kernel has ended."


class KernelTokenService:
    """What can be done with the tokens of kernels. Each instance is a server that keeps kernels.

    ``home_id`` tells homes apart that share a database; ``now`` in milliseconds since the epoch; ``awake`` in seconds, standing still while the machine
    sleeps.
    """

    def __init__(
        self,
        database: Database,
        home_id: str | None = None,
        now: Callable[[], int] = now_ms,
        awake: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._now = now
        self._awake = awake
        self._servers = KernelServers(home_id or "", awake)
        self._server = self._servers.name
        # When each kernel of this server was last heard of, by the clock that sleeps.
        self._renewed: dict[str, float] = {}

    def issue_for_kernel(self, actor: Actor, kernel_id: str, notebook: str | None) -> str:
        """Return a new token for a kernel that a person works in, who must hold all that it grants.

        An earlier one of the same kernel is of a process that is gone; nobody said how it ended.
        """
        for action, resource in GRANTED:
            require(actor, action, resource)
        now = self._now()
        with self._database.write() as connection:
            before = kernel_tokens.of_kernel(connection, kernel_id)
            end_tokens(connection, before, ENDS[KernelEnd.LOST], now)
            token = self._issue(
                connection,
                user=actor.user,
                kernel_id=kernel_id,
                notebook=notebook,
                now=now,
                expires_at=now + LIFETIME_MS,
            )
        self._renewed[kernel_id] = self._awake()
        return token

    def issue_for_run(self, run_id: str, user: str) -> str:
        """Return a new token for the kernel of a tracked run, good while the run is active."""
        with self._database.write() as connection:
            state = runs.find(connection, run_id)
            if state is None or state.status not in ACTIVE:
                raise Conflict("The run has ended already.")
            return self._issue(
                connection, user=user, run_id=run_id, notebook=state.notebook, now=self._now()
            )

    def _issue(
        self,
        connection: Connection,
        *,
        user: str,
        notebook: str | None,
        now: int,
        kernel_id: str | None = None,
        run_id: str | None = None,
        expires_at: int | None = None,
    ) -> str:
        token = f"{TOKEN_PREFIX}{secrets.token_urlsafe(RANDOM_BYTES)}"
        kernel_tokens.insert(
            connection,
            kernel_tokens.NewToken(
                digest=digest(token),
                user=user,
                kernel_id=kernel_id,
                run_id=run_id,
                notebook=notebook,
                server=self._server,
                created_at=now,
                expires_at=expires_at,
            ),
        )
        return token

    def resolve(self, text: str) -> Actor:
        """Return who asks with this token, with all that a kernel may do; Unauthenticated if nobody."""
        if not looks_like_token(text):
            raise Unauthenticated(_REFUSED)
        asked = digest(text)
        with self._database.read() as connection:
            known = kernel_tokens.find(connection, asked)
        if known is None or not hmac.compare_digest(known.digest, asked):
            raise Unauthenticated(_REFUSED)
        if not self._is_current(known):
            raise Unauthenticated(_REFUSED)
        return Actor(
            user=known.user,
            display_name=known.user,
            scopes=_SCOPES,
            kernel=KernelSession(
                seq=known.seq,
                kernel_id=known.kernel_id,
                run_id=known.run_id,
                notebook=known.notebook,
            ),
        )

    def _is_current(self, known: kernel_tokens.KnownToken) -> bool:
        """Tell whether a token has not expired; a server that slept has kept its kernels meanwhile."""
        if known.expires_at is None or known.expires_at > self._now():
            return True
        renewed = self._renewed.get(known.kernel_id or "")
        return (
            renewed is not None
            and known.server == self._server
            and self._awake() - renewed < LIFETIME_MS / 1_000
        )

    def move(self, kernel_id: str, notebook: str | None) -> None:
        """Note the contents path that the notebook of a kernel has now."""
        with self._database.write() as connection:
            kernel_tokens.move(connection, kernel_id, notebook)

    def renew(self, kernel_ids: Collection[str]) -> None:
        """Keep the tokens of these kernels of this server good for another day."""
        with self._database.write() as connection:
            expires_at = self._now() + LIFETIME_MS
            kernel_tokens.renew(connection, self._server, kernel_ids, expires_at)
        now = self._awake()
        self._renewed |= {each: now for each in kernel_ids if each in self._renewed}

    def keep(self, connection: Connection) -> None:
        """Tell other servers that this one keeps kernels still, if it does; every few seconds."""
        if self._renewed:
            self._servers.keep(connection, self._now())

    def end_kernel(self, kernel_id: str, end: KernelEnd) -> None:
        """Revoke the token of a kernel that ended and end the runs that it left open."""
        with self._database.write(clean_up=True) as connection:
            known = kernel_tokens.of_kernel(connection, kernel_id)
            end_tokens(connection, known, ENDS[end], self._now())
        self._renewed.pop(kernel_id, None)

    def sweep(self) -> None:
        """End what nobody can tell of any more: kernels of servers that are gone, ended runs."""
        with self._database.read() as connection:
            servers = kernel_tokens.servers(connection)
            judged = self._servers.judge(connection, servers, self._now())
            left = kernel_tokens.abandoned(connection, judged.gone, judged.here, self._now())
            ended = kernel_tokens.ended_runs(connection)
        if not left and not ended:
            return
        with self._database.write(clean_up=True) as connection:
            # Asked again: a server out of sight may have renewed them meanwhile.
            left = kernel_tokens.abandoned(connection, judged.gone, judged.here, self._now())
            end_tokens(connection, left, ENDS[KernelEnd.LOST], self._now())
            for run_id in ended:
                end_tracked_run(connection, run_id)


def end_tracked_run(connection: Connection, run_id: str) -> None:
    """Revoke the token of a tracked run that has ended; what its notebook left open ends as it did."""
    state = runs.find(connection, run_id)
    known = kernel_tokens.of_run(connection, run_id)
    if not known or (state is not None and state.status in ACTIVE):
        return
    end = ENDS[KernelEnd.LOST] if state is None else with_tracked_run(state.status, state.reason)
    end_tokens(connection, known, end, now_ms())


def end_tokens(connection: Connection, seqs: Collection[int], end: OpenRunsEnd, now: int) -> None:
    """Revoke tokens and end what was opened with them, in the caller's transaction.

    That is runs that are under way, and models of any run that wait for their files.
    """
    if not seqs:
        return
    kernel_tokens.revoke(connection, seqs, now)
    for closed in kernel_tokens.close_runs(connection, seqs, end, now):
        events.append(connection, EventType.RUN_ENDED, closed.run_id, closed.user)
    for model in kernel_tokens.close_models(connection, seqs, now):
        events.append(connection, EventType.LOGGED_MODEL_CHANGED, model.model_id, model.user)
