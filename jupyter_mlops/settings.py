"""Settings of a core: what a host decides, in one frozen struct with safe defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jupyter_mlops.home import product_home

# A larger notebook is almost all old outputs; it is copied, hashed and parsed for each run.
MAX_NOTEBOOK_BYTES = 64_000_000

# A run that does nothing uses about half of this.
MIN_MEMORY_LIMIT = 100_000_000

# SQLAlchemy's own spelling is ours too, whoever wrote it.
_DATABASE_PREFIXES = ("postgresql://", "postgres://", "postgresql+psycopg://")

EnvironmentMode = Literal["deny", "allow"]


def is_database_url(text: str) -> bool:
    """Tell whether a text is the address of a PostgreSQL database."""
    return text.startswith(_DATABASE_PREFIXES)


def default_concurrency() -> int:
    """Return how many runs go at once unless configured: one per core this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS has no affinity
        return max(1, os.cpu_count() or 1)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are and how runs are run.

    ``home`` holds the store, artifacts and run directories; ``root`` is the folder that contents
    paths are relative to. ``database_url`` is a PostgreSQL URL, or None for the embedded store.
    ``concurrency`` counts runs, ``start_timeout`` is in seconds. ``environment_mode`` "deny"
    hides the server's own variables from runs, "allow" passes only a fixed set and
    ``environment_allowed``. ``max_notebook_bytes`` bounds the file of a source notebook.
    ``memory_limit`` bounds what the processes of a run use together, in bytes; 0 does not.
    ``upload_quota`` bounds the files of one user, in bytes; 0 does not. An upload of which nothing
    comes for ``upload_idle_seconds`` is given up.
    ``trash_days`` after which a run in the trash is deleted for good, 0 never.
    ``mlflow_in_kernels`` lets MLflow's clients in kernels and runs find this server by themselves.
    ``dispatch`` false never starts a run (a reader).
    """

    root: Path
    home: Path = field(default_factory=product_home)
    database_url: str | None = None
    concurrency: int = field(default_factory=default_concurrency)
    start_timeout: float = 60.0
    environment_mode: EnvironmentMode = "deny"
    environment_allowed: tuple[str, ...] = ()
    max_notebook_bytes: int = MAX_NOTEBOOK_BYTES
    memory_limit: int = 0
    upload_quota: int = 0
    upload_idle_seconds: float = 60.0
    trash_days: int = 0
    mlflow_in_kernels: bool = True
    dispatch: bool = True
