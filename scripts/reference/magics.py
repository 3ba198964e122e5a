"""Magics: every magic with its commands, from its own parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from jupyter_mlops.kernel import magics
from jupyter_mlops.kernel.magics import MlopsMagics
from scripts.reference.commands import options
from scripts.reference.markdown import prose


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Magics\n"
    yield "`%load_ext jupyter_mlops` registers them.\n"
    for kind, found in sorted(MlopsMagics.magics.items()):
        for name in sorted(found):
            mark = "%" if kind == "line" else "%%"
            yield f"## {mark}{name}\n"
            yield from prose(getattr(MlopsMagics, name).__doc__)
    for name, each in commands().items():
        yield f"### %mlops {name}\n"
        yield from options(each)


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands of `%mlops`."""
    (group,) = (each for each in magics._parser()._actions if isinstance(each.choices, dict))
    return dict(group.choices or {})
