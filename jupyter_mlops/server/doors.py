"""The doors of a server by their addresses, each imported when it is first needed.

All that they know would slow the start of the server: the thread that opens the store imports them,
or the first request does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from jupyter_mlops.api import PREFIX
from jupyter_mlops.api.mlflow import PREFIX as MLFLOW_PREFIX

if TYPE_CHECKING:
    from jupyter_mlops.api.door import Door

MLFLOW = "jupyter_mlops.api.mlflow.door"
# Patterns of addresses, and the module behind them. MLflow's first: they begin like ours.
DOORS: tuple[tuple[str, str], ...] = (
    (
        rf"/{MLFLOW_PREFIX}/(?P<path>(?:api/[0-9]\.[0-9]/.*)|version|health)",
        MLFLOW,
    ),
    (rf"/{PREFIX}(?:/(?P<path>.*))?", "jupyter_mlops.api.door"),
)


def door(name: str) -> Door:
    """Return the door of a module."""
    return cast("Door", import_module(name))


def load() -> None:
    """Import every door."""
    for _, name in DOORS:
        door(name)
