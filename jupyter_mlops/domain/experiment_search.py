"""A search for experiments by name, times and tags, and the page that it finds."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.domain.run_search import Stage
from jupyter_mlops.domain.search_terms import AllOf, Order


@dataclass(frozen=True)
class ExperimentSearch:
    """What is looked for; ``start`` is how many of the matching ones are left out."""

    condition: AllOf
    order: tuple[Order, ...]
    stage: Stage
    limit: int
    start: int = 0
