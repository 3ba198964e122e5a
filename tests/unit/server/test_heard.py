"""A line for the log is made for whoever takes it, near or far."""

from __future__ import annotations

import logging

import pytest

from jupyter_mlops.server.heard import is_heard


@pytest.fixture
def above() -> logging.Logger:
    """A logger that goes no further and takes every level."""
    log = logging.Logger("above", logging.DEBUG)
    log.propagate = False
    return log


def takes(level: int) -> logging.Handler:
    handler = logging.NullHandler()
    handler.setLevel(level)
    return handler


def test_nobody_hears_what_no_handler_takes(above: logging.Logger) -> None:
    assert not is_heard(above, logging.ERROR)
    above.addHandler(takes(logging.INFO))
    assert not is_heard(above, logging.DEBUG)
    assert is_heard(above, logging.INFO)
    above.addHandler(takes(logging.NOTSET))
    assert is_heard(above, logging.DEBUG)


def test_a_handler_above_hears_unless_the_way_is_barred(above: logging.Logger) -> None:
    below = logging.Logger("below", logging.DEBUG)
    below.parent = above
    above.addHandler(takes(logging.INFO))
    assert is_heard(below, logging.WARNING)
    below.propagate = False
    assert not is_heard(below, logging.WARNING)


def test_a_logger_that_refuses_a_level_is_not_heard(above: logging.Logger) -> None:
    above.addHandler(takes(logging.NOTSET))
    above.setLevel(logging.ERROR)
    assert not is_heard(above, logging.WARNING)
    assert is_heard(above, logging.ERROR)
