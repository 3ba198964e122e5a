"""What a search text means: typed conditions and orders, which a store turns into bound SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Entity = Literal["metric", "parameter", "tag", "attribute", "dataset"]
Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"
]


@dataclass(frozen=True)
class Later:
    """Stands for a value that is told by its name when a search is made; a text may be ``short``."""

    name: str
    short: bool


Value = float | int | str | tuple[str, ...] | tuple[int, ...] | Later | None


@dataclass(frozen=True)
class Comparison:
    """One thing compared with one value; false when the thing is missing, but for ``IS NULL``.

    ``value`` is a float for metrics, an int or float for times, a tuple for ``IN`` and ``NOT IN``,
    None for ``IS NULL`` and ``IS NOT NULL``. Only ``ILIKE`` takes upper and lower case for one;
    patterns are those of ``like_patterns``. A metric that is NaN is ``!=`` to every number, and
    nothing else.
    """

    entity: Entity
    key: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class AllOf:
    """Every condition holds; without any, always."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one condition holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The condition does not hold, which it does not either where its thing is missing.

    So a run without the metric is found by ``NOT metrics.a > 1``, but not by ``metrics.a <= 1``.
    """

    condition: Condition


Condition = Comparison | AllOf | AnyOf | Not


@dataclass(frozen=True)
class Order:
    """One key of an order: missing things come last in both directions, NaN right before them.

    ``dataset_name`` and ``dataset_digest`` narrow the metric of a logged model.
    """

    entity: Entity
    key: str
    descending: bool = False
    dataset_name: str | None = None
    dataset_digest: str | None = None
