"""Tagging the run from code."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.kernel.active_run import run_for, write_tags
from jupyter_mlops.kernel.harmless import harmless
from jupyter_mlops.kernel.notices import notice


@harmless
def set_tag(key: str, value: object) -> None:
    """Set one tag of the run to the text of ``value``; the last value of a key stands."""
    run = run_for("set_tag")
    if run is not None:
        write_tags(run, {key: value})


@harmless
def set_tags(tags: Mapping[str, object]) -> None:
    """Set several tags of the run, like `set_tag` for each of them."""
    run = run_for("set_tags")
    if run is None:
        return
    if not isinstance(tags, Mapping):
        notice("set_tags: takes a dict; nothing was recorded.", once="tags dict")
        return
    write_tags(run, tags)
