"""Settings: the traits of the server extension and those of the panel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from traitlets import TraitType

from jupyter_mlops.server.extension import MLOpsApp
from scripts.reference.markdown import code, table

_SCHEMA = Path(__file__).parents[2] / "schema" / "plugin.json"


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Settings\n"
    yield "## Of the server\n"
    yield "In `jupyter_server_config.py`, as `c.MLOpsApp.<trait> = …`, or on the command line, as"
    yield "`jupyter lab --MLOpsApp.<trait>=…`. An unknown or impossible setting stops the extension.\n"
    yield from table(
        ("trait", "type", "default", "meaning"),
        (
            (code(f"MLOpsApp.{name}"), type(trait).__name__, default(trait), str(trait.help))
            for name, trait in traits().items()
        ),
    )
    yield "## Of the panel\n"
    yield "In JupyterLab's settings editor, under *MLOps* (`jupyter-mlops:plugin`).\n"
    yield from table(
        ("setting", "title", "default", "meaning"),
        (
            (code(name), item["title"], code(json.dumps(item["default"])), item["description"])
            for name, item in json.loads(_SCHEMA.read_text("utf-8"))["properties"].items()
        ),
    )


def traits() -> dict[str, TraitType[object, object]]:
    """Return the traits of the extension that can be configured, in their order."""
    return dict(MLOpsApp.class_own_traits(config=True))


def default(trait: TraitType[object, object]) -> str:
    """Return a default; one that depends on the machine is told in words by the help."""
    if hasattr(MLOpsApp, f"_default_{trait.name}"):
        return "see the meaning"
    return code(repr(trait.default()))
