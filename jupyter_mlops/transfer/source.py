"""What can be carried from: a tracking server, or a folder as MLflow's file store writes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from jupyter_mlops.transfer.records import (
    Experiment,
    File,
    Holder,
    LoggedModel,
    Point,
    RegisteredModel,
    Run,
    Version,
)
from jupyter_mlops.transfer.streams import Readable


class NotReadable(Exception):
    """Something is there and cannot be carried; the text says why."""


class Source(Protocol):
    """A store to read. What is damaged in it is told to the report and left out."""

    @property
    def shown(self) -> str:
        """How to call it to its user."""
        ...

    def experiments(self) -> Iterator[Experiment]:
        """Yield all experiments, those in the trash as well."""
        ...

    def runs(self, experiment: Experiment) -> Iterator[Run]:
        """Yield all runs of an experiment, those in the trash as well."""
        ...

    def run(self, run_id: str) -> Run:
        """Return one run; NotReadable when it is gone."""
        ...

    def history(self, run: Run, key: str) -> Iterator[list[Point]]:
        """Yield the values of a metric of a run in the order they were logged, by pages."""
        ...

    def models(self, experiment: Experiment) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment."""
        ...

    def files(self, holder: Holder) -> Iterator[File]:
        """Yield the files of a run or logged model; NotReadable when they are out of reach."""
        ...

    def open(self, holder: Holder, file: File) -> AbstractContextManager[Readable]:
        """Open one file; NotReadable when it may not be read."""
        ...

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Yield the registered models."""
        ...

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a registered model by number."""
        ...
