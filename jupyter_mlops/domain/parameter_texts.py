"""The value of a parameter as text: what MLflow's clients, which know nothing else, see of it."""

from __future__ import annotations

from typing import Any


def parameter_text(value: Any) -> str:
    """Return what Python prints of a value, as MLflow's own client does before it sends one."""
    return value if isinstance(value, str) else str(value)
