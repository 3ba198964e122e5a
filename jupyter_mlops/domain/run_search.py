"""A search for runs by what they logged, and the page that it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_mlops.domain.client_runs import ClientRun
from jupyter_mlops.domain.search_terms import AllOf, Order

Stage = Literal["active", "deleted", "all"]


@dataclass(frozen=True)
class RunSearch:
    """What is looked for; ``after`` is what the page before gave as ``next``."""

    experiment_ids: tuple[int, ...]
    condition: AllOf
    order: tuple[Order, ...]
    stage: Stage
    limit: int
    after: str | None = None


@dataclass(frozen=True)
class RunSearchPage:
    """Runs in the order asked for; ``next`` is None on the last page."""

    runs: list[ClientRun]
    next: str | None
