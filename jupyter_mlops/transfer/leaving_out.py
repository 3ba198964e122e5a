"""What a destination refuses for good is told and left out; everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_mlops.transfer.destination import is_passing
from jupyter_mlops.transfer.link import Refusal
from jupyter_mlops.transfer.report import Report


@contextmanager
def left_out(what: str, report: Report) -> Iterator[None]:
    """Note in the report that something was refused; raise what says nothing about it."""
    try:
        yield
    except Refusal as error:
        if is_passing(error):
            raise
        report.omit(what, error.message)
