"""Runs and logged models carried: opened when first needed, filled in their turn, then marked as whole.

Carrying can stop anywhere. What is opened has the id that it came from as a tag from the beginning,
so the next time it is found, and filled from where it is; what is whole is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from jupyter_mlops.transfer import origins
from jupyter_mlops.transfer.destination import Destination, Given, is_passing
from jupyter_mlops.transfer.files import carry_files
from jupyter_mlops.transfer.leaving_out import left_out
from jupyter_mlops.transfer.link import Refusal
from jupyter_mlops.transfer.records import (
    AWAITED,
    UNDER_WAY,
    Experiment,
    LoggedModel,
    ModelPoint,
    Run,
)
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.run_contents import carry_contents
from jupyter_mlops.transfer.source import NotReadable, Source

PARENT_TAG = "mlflow.parentRunId"
_IDS = re.compile(r"(?<![0-9a-f])(?:m-)?[0-9a-f]{32}(?![0-9a-f])")


@dataclass(frozen=True)
class Head:
    """What is kept in memory of each run."""

    run_id: str
    origin: str
    name: str
    experiment: Experiment
    carried: bool


@dataclass
class Plan:
    """What is to be carried, in the order in which it began."""

    runs: dict[str, Head] = field(default_factory=dict)
    models: dict[str, LoggedModel] = field(default_factory=dict)
    points: dict[str, list[ModelPoint]] = field(default_factory=dict)
    experiments: dict[str, Experiment] = field(default_factory=dict)


def plan(source: Source, names: Collection[str], report: Report) -> Plan:
    """Look through the experiments, all of them or those of these names; the trash stays where it is."""
    made = Plan()
    origins_taken: set[str] = set()
    for experiment in source.experiments():
        if names and experiment.name not in names:
            continue
        if experiment.deleted:
            report.in_trash["experiments"] += 1
            continue
        made.experiments[experiment.experiment_id] = experiment
        try:
            for head in _heads(source, experiment, report):
                # Who copies a run with its tags copies the mark, too: the first one bears it rightly.
                is_copy = head.origin in origins_taken
                kept = replace(head, origin=head.run_id, carried=False) if is_copy else head
                origins_taken.add(kept.origin)
                made.runs[head.run_id] = kept
            for model in source.models(experiment):
                made.models[model.model_id] = model
                for point in model.points:
                    made.points.setdefault(point.run_id, []).append(point)
        except NotReadable as error:
            report.omit(f"experiment {experiment.name}", str(error))
    return made


def _heads(source: Source, experiment: Experiment, report: Report) -> list[Head]:
    found = []
    for run in source.runs(experiment):
        if run.deleted:
            report.in_trash["runs"] += 1
            continue
        origin = origins.of_run(run)
        head = Head(run.run_id, origin, run.name, experiment, origin != run.run_id)
        found.append((run.started_at or 0, head))
    return [head for _, head in sorted(found, key=lambda pair: pair[0])]


class Carrier:
    """Carries what a plan names."""

    def __init__(
        self, source: Source, destination: Destination, planned: Plan, report: Report
    ) -> None:
        self._source = source
        self._destination = destination
        self._plan = planned
        self._report = report
        self._opened: dict[str, tuple[Run, Run]] = {}
        self._opened_models: set[str] = set()
        self._lost: set[str] = set()

    def carry(self) -> Iterator[str]:
        """Carry everything; yields the name of each run and logged model when it is done."""
        for experiment in self._plan.experiments.values():
            self._experiment(experiment)
        for head in self._plan.runs.values():
            self._run(head)
            yield head.name
        for model in self._plan.models.values():
            self._model(model)
            yield model.name

    def foretell(self) -> None:
        """Count in the report what there is to carry, as far as that is known before it is read."""
        for experiment in self._plan.experiments.values():
            there = self._destination.experiment(experiment.name) is not None
            self._count("experiments", there=there)
        for head in self._plan.runs.values():
            given = self._destination.known_run(head.origin, carried=head.carried)
            self._count("runs", there=given is not None and given.finished)
        for model in self._plan.models.values():
            given = self._known_model(model)
            self._count("logged models", there=given is not None and given.finished)

    def _count(self, kind: str, *, there: bool) -> None:
        (self._report.known if there else self._report.carried)[kind] += 1

    def holds(self, ident: str) -> bool:
        """Tell whether a run or logged model is among those that are carried."""
        return ident in self._plan.runs or ident in self._plan.models

    def run_id(self, run_id: str) -> str | None:
        """Return the id that a run has at the destination; None when it is not carried."""
        head = self._plan.runs.get(run_id)
        if head is None:
            known = self._destination.known_run(run_id, carried=False)
            return None if known is None else known.ident
        given = self._given_run(head)
        return None if given is None else given.ident

    def model_id(self, model_id: str) -> str | None:
        """Return the id that a logged model has at the destination; None when it is not carried."""
        model = self._plan.models.get(model_id)
        if model is None:
            known = self._destination.known_model(model_id, carried=False)
            return None if known is None else known.ident
        given = self._given_model(model)
        return None if given is None else given.ident

    def in_text(self, text: str) -> str:
        """Return a text in which runs and logged models that are carried have their new ids."""

        def new(found: re.Match[str]) -> str:
            word = found[0]
            if word.startswith("m-"):
                return (word in self._plan.models and self.model_id(word)) or word
            return (word in self._plan.runs and self.run_id(word)) or word

        return _IDS.sub(new, text)

    def _experiment(self, experiment: Experiment) -> None:
        found = self._destination.experiment(experiment.name)
        what = f"experiment {experiment.name}"
        if found is None:
            try:
                found = self._destination.make_experiment(experiment)
            except Refusal as error:
                if is_passing(error):
                    raise
                self._report.omit(what, error.message)
                return
            self._report.carried["experiments"] += 1
        else:
            self._report.known["experiments"] += 1
            there = found.tags
            missing = {key: text for key, text in experiment.tags.items() if key not in there}
            with left_out(f"tags of {what}", self._report):
                self._destination.tag_experiment(found, missing)
        if found.deleted:
            self._report.omit(what, "it is in the trash of the destination; restore it there")

    def _given_run(self, head: Head) -> Given | None:
        """Return what the destination has of a run; open it there if that is nothing."""
        known = self._destination.known_run(head.origin, carried=head.carried)
        if known is not None or head.run_id in self._lost:
            return known
        experiment = self._destination.experiment(head.experiment.name)
        if experiment is None or experiment.deleted:
            return None
        try:
            run = self._source.run(head.run_id)
            made = self._destination.make_run(run, experiment, head.origin)
        except (NotReadable, Refusal) as error:
            self._lose(head.run_id, f"run {head.name} ({head.run_id})", error)
            return None
        self._opened[head.run_id] = (run, made)
        return Given(made.run_id, finished=False)

    def _run(self, head: Head) -> None:
        given = self._given_run(head)
        if given is None:
            if head.run_id not in self._lost:
                self._report.omit(f"run {head.name} ({head.run_id})", "its experiment is not there")
            return
        if given.finished:
            self._report.known["runs"] += 1
            return
        opened = self._opened.pop(head.run_id, None)
        try:
            run, made = opened or (
                self._source.run(head.run_id),
                self._destination.reader.run(given.ident),
            )
        except NotReadable as error:
            self._lose(head.run_id, f"run {head.name} ({head.run_id})", error)
            return
        what = _called(run)
        try:
            values = carry_contents(self, self._source, self._destination, run, made, self._report)
            carry_files(self._source, self._destination, run, made, what, self._report)
            if run.status not in UNDER_WAY:
                self._destination.finish_run(made.run_id, run)
        except Refusal as error:
            # One that is damaged must not hold up all that come after it.
            self._lose(head.run_id, what, error)
            return
        if run.status in UNDER_WAY:
            self._report.under_way += 1
            if not opened:
                # All of it may have been there before; nobody counts.
                self._report.known["runs"] += 1
                return
        self._report.carried["metric values"] += values
        self._report.carried["runs"] += 1

    def points_of(self, run_id: str) -> list[ModelPoint]:
        """Return what a run found out about logged models."""
        return self._plan.points.get(run_id, [])

    def _known_model(self, model: LoggedModel) -> Given | None:
        origin = origins.of_model(model)
        return self._destination.known_model(origin, carried=origin != model.model_id)

    def _given_model(self, model: LoggedModel) -> Given | None:
        known = self._known_model(model)
        if known is not None or model.model_id in self._lost:
            return known
        experiment = self._destination.experiment(self._plan.experiments[model.experiment_id].name)
        if experiment is None or experiment.deleted:
            return None
        source_run_id = ""
        if model.source_run_id:
            source_run_id = self.run_id(model.source_run_id) or ""
        try:
            made = self._destination.make_model(model, experiment, source_run_id)
        except Refusal as error:
            self._lose(model.model_id, _called(model), error)
            return None
        self._opened_models.add(model.model_id)
        return Given(made.model_id, finished=False)

    def _model(self, model: LoggedModel) -> None:
        given = self._given_model(model)
        what = _called(model)
        if given is None:
            if model.model_id not in self._lost:
                self._report.omit(what, "its experiment is not there")
            return
        if given.finished:
            self._report.known["logged models"] += 1
            return
        made = self._destination.model(given.ident)
        there = made.parameters
        missing = {key: text for key, text in model.parameters.items() if key not in there}
        with left_out(f"parameters of {what}", self._report):
            self._destination.add_parameters(given.ident, missing)
        carry_files(self._source, self._destination, model, made, what, self._report)
        if model.status == AWAITED:
            self._report.under_way += 1
        else:
            self._destination.finish_model(given.ident, model.status)
        is_new = model.status != AWAITED or model.model_id in self._opened_models
        (self._report.carried if is_new else self._report.known)["logged models"] += 1

    def _lose(self, key: str, what: str, error: Exception) -> None:
        if isinstance(error, Refusal) and is_passing(error):
            text = f"{what}: {error.message}"
            raise Refusal(text, code=error.code, status=error.status) from error
        if key not in self._lost:
            self._lost.add(key)
            self._report.omit(what, str(error))


def _called(holder: Run | LoggedModel) -> str:
    noun = "run" if isinstance(holder, Run) else "logged model"
    return f"{noun} {holder.name} ({holder.ident})"
