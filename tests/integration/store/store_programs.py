"""Programs that tests start as processes of their own: ``python -m … WHAT URL [MORE]``."""

from __future__ import annotations

import os
import pwd
import sys
import tempfile
import time
from pathlib import Path

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.store import events
from jupyter_mlops.store.database import Database
from tests.queued_runs import queued_ids


def open_together(url: str, signal: str) -> None:
    """Open a store as soon as the file ``signal`` is there, and write to it."""
    print("waiting", flush=True)  # noqa: T201
    while not Path(signal).exists():
        time.sleep(0.001)
    database = Database.open(url)
    with database.write() as connection:
        events.append(connection, EventType.RUN_CHANGED, "x", "olive")
    database.close()


def append_events(url: str, count: str) -> None:
    """Append events one by one."""
    database = Database.open(url)
    for _ in range(int(count)):
        with database.write() as connection:
            events.append(connection, EventType.RUN_CHANGED, "x", "olive")
    database.close()


def hold(url: str) -> None:
    """Own a store on a network file system until killed."""
    Database.open(url, network=True)
    print("holding", flush=True)  # noqa: T201
    sys.stdin.read()


def look_as(user: str, url: str) -> None:
    """Become ``user`` if we are root, and look at a store; root may read and write everything."""
    # What is imported late must be there: the other user may not be able to read our packages.
    with tempfile.TemporaryDirectory() as folder:
        Database.open(Path(folder) / "store.db").close()
    if os.geteuid() == 0:
        identity = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(identity.pw_gid)
        os.setuid(identity.pw_uid)
    look(url)


def look(url: str) -> None:
    """Open a store, read, try to write; print what each attempt came to."""
    try:
        database = Database.open(url)
    except MlopsError as error:
        print(f"{error.code}: {error.message}")  # noqa: T201
        return
    with database.read() as connection:
        print("read", len(queued_ids(connection)))  # noqa: T201
    try:
        with database.write() as connection:
            events.append(connection, EventType.RUN_CHANGED, "x", "olive")
        print("written")  # noqa: T201
    except MlopsError as error:
        print(f"{error.code}: {error.message}")  # noqa: T201
    database.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
