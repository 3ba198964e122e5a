"""What a run logged, carried: parameters, metrics with their history, tags, data sets, models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import chain
from typing import Protocol

from jupyter_mlops.transfer import origins
from jupyter_mlops.transfer.batches import BATCH_ITEMS, Item, log_all, pieces
from jupyter_mlops.transfer.destination import Destination
from jupyter_mlops.transfer.leaving_out import left_out
from jupyter_mlops.transfer.records import DatasetInput, ModelPoint, Point, Run
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import NotReadable, Source

NAME_TAG = "mlflow.runName"
USER_TAG = "mlflow.user"
PARAMETER_MAX_CHARS = 6_000
TAG_MAX_CHARS = 8_000


class Resolver(Protocol):
    """Knows the ids that runs and logged models have at the destination."""

    def model_id(self, model_id: str) -> str | None:
        """Return the id of a logged model; None when it is not carried."""
        ...

    def in_text(self, text: str) -> str:
        """Return a text with new ids for those that are carried."""
        ...

    def points_of(self, run_id: str) -> list[ModelPoint]:
        """Return what a run found out about logged models."""
        ...


def carry_contents(
    resolver: Resolver,
    source: Source,
    destination: Destination,
    run: Run,
    made: Run,
    report: Report,
) -> int:
    """Carry what a run logged but its files into ``made``, which may have some of it.

    Returns how many values of metrics were taken.
    """
    what = f"run {run.name} ({run.run_id})"

    def refused(kind: str, item: Item, reason: str) -> None:
        report.omit(f"{kind} {item['key']} of {what}", reason)

    def log(kind: str, noun: str, items: Iterator[Item]) -> int:
        send = partial(destination.log, made.run_id, kind)
        taken = 0
        for piece in pieces(items, BATCH_ITEMS[kind]):
            taken += log_all(send, piece, partial(refused, noun))
        return taken

    log("params", "parameter", _texts(run.parameters.items(), PARAMETER_MAX_CHARS, what, report))
    log("tags", "tag", _texts(_tags(resolver, run), TAG_MAX_CHARS, what, report))
    histories = (_points(resolver, source, run, key, report, what) for key in run.metric_keys)
    values = log("metrics", "metric", chain.from_iterable(histories))
    _carry_inputs(resolver, destination, run, made, what, report)
    _carry_outputs(resolver, destination, run, made, what, report)
    return values


def _tags(resolver: Resolver, run: Run) -> Iterator[tuple[str, str]]:
    tags = origins.without(run.tags)
    if run.user:
        # Some servers take whose token it is for the user; the tag keeps who it was.
        tags.setdefault(USER_TAG, run.user)
    for key, value in tags.items():
        if key != NAME_TAG:
            yield key, resolver.in_text(value) if key.startswith("mlflow.") else value


def _texts(
    pairs: Iterable[tuple[str, str]], most: int, what: str, report: Report
) -> Iterator[Item]:
    for key, value in pairs:
        if len(value) > most:
            report.omit(f"the end of {key} of {what}", f"a value has at most {most} characters")
        yield {"key": key, "value": value[:most]}


def _points(
    resolver: Resolver, source: Source, run: Run, key: str, report: Report, what: str
) -> Iterator[Item]:
    about: dict[tuple[str, str, int, int], list[ModelPoint]] = {}
    for each in resolver.points_of(run.run_id):
        if each.point.key == key:
            about.setdefault(_identity(each.point), []).append(each)
    try:
        for page in source.history(run, key):
            for point in page:
                yield from _items(resolver, point, about.pop(_identity(point), []), report, what)
    except NotReadable as error:
        report.omit(f"metric {key} of {what}", str(error))
    # A store may tell of a model what it does not tell of the run.
    for rest in about.values():
        yield from _items(resolver, rest[0].point, rest, report, what)


def _items(
    resolver: Resolver, point: Point, about: list[ModelPoint], report: Report, what: str
) -> Iterator[Item]:
    item: dict[str, object] = {
        "key": point.key,
        "value": point.value if math.isfinite(point.value) else _named(point.value),
        "timestamp": point.timestamp,
        "step": point.step,
    }
    if not about:
        yield item
    for each in about:
        model_id = resolver.model_id(each.model_id)
        if model_id is None:
            report.omit(f"model of metric {point.key} of {what}", f"{each.model_id} is not carried")
            yield item
            continue
        dataset = (
            {"dataset_name": each.dataset_name, "dataset_digest": each.dataset_digest}
            if each.dataset_name and each.dataset_digest
            else {}
        )
        yield {**item, "model_id": model_id, **dataset}


def _named(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _identity(point: Point) -> tuple[str, str, int, int]:
    return point.key, repr(point.value), point.timestamp, point.step


def _carry_inputs(
    resolver: Resolver, destination: Destination, run: Run, made: Run, what: str, report: Report
) -> None:
    there = {(each.name, each.digest) for each in made.datasets}
    for dataset in run.datasets:
        if (dataset.name, dataset.digest) in there:
            continue
        with left_out(f"data set {dataset.name} of {what}", report):
            destination.log_inputs(made.run_id, {"datasets": [_dataset(dataset)]})
    for model_id in run.input_models:
        new = resolver.model_id(model_id)
        if new is None:
            report.omit(f"input model {model_id} of {what}", "the model is not carried")
        elif new not in made.input_models:
            destination.log_inputs(made.run_id, {"models": [{"model_id": new}]})


def _carry_outputs(
    resolver: Resolver, destination: Destination, run: Run, made: Run, what: str, report: Report
) -> None:
    new = []
    for model_id, step in run.output_models:
        known = resolver.model_id(model_id)
        if known is None:
            report.omit(f"output model {model_id} of {what}", "the model is not carried")
        elif (known, step) not in made.output_models:
            new.append({"model_id": known, "step": step})
    if new:
        destination.log_outputs(made.run_id, new)


def _dataset(dataset: DatasetInput) -> dict[str, object]:
    fields = asdict(dataset)
    tags = fields.pop("tags")
    said = {key: value for key, value in fields.items() if value is not None}
    return {
        "dataset": said,
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }
