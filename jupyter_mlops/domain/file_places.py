"""Places of files: an address that a client may send stands for one in a run or a logged model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InRun:
    """A folder or file of a run; the empty path is all of its files."""

    run_id: str
    path: str


@dataclass(frozen=True)
class InLoggedModel:
    """A folder or file of a logged model; the empty path is all of its files."""

    model_id: str
    path: str


Place = InRun | InLoggedModel
