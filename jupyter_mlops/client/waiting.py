"""Following a run until it ends, by the events that the server keeps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jupyter_mlops.client.answers import TERMINAL, Run
from jupyter_mlops.client.errors import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.client.operations import Client

POLL_SECONDS = 0.25
REFRESH_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
# No answer at all, a busy server, and what proxies and hubs answer for one that is starting.
AWAY_STATUSES = frozenset({0, 424, 429, 502, 503, 504})


def watch(client: Client, run_id: str) -> Iterator[Run]:
    """Yield a run now, after each change, and a last time when it has ended.

    A server that restarts meanwhile is waited for, up to a minute: runs go on without it. Raises
    ClientError when it stays away, or when there is no such run.
    """
    seq = client.status()["seq"]
    run = client.run(run_id)
    yield run
    seen = time.monotonic()
    while run["status"] not in TERMINAL:
        time.sleep(POLL_SECONDS)
        try:
            page = client.events(seq)
            seq = page["seq"]
            mine = page["reset"] or any(event["subject"] == run_id for event in page["events"])
            # Events are the rule; the occasional look costs little and owes nothing to them.
            if mine or time.monotonic() - seen > REFRESH_SECONDS:
                run = client.run(run_id)
                seen = time.monotonic()
                yield run
        except ClientError as error:
            if error.status not in AWAY_STATUSES or time.monotonic() - seen > PATIENCE_SECONDS:
                raise


def wait(client: Client, run_id: str) -> Run:
    """Return a run when it has ended, however it ended; see `watch` for what it raises."""
    *_, last = watch(client, run_id)
    return last
