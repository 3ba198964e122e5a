"""A folder as MLflow's file store writes it, as a source; only what lies in it is ever opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from jupyter_mlops.transfer.folder_reading import Folder
from jupyter_mlops.transfer.metric_lines import model_points, points
from jupyter_mlops.transfer.records import (
    DatasetInput,
    Experiment,
    File,
    Holder,
    LoggedModel,
    ModelPoint,
    Point,
    RegisteredModel,
    Run,
    Version,
)
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import NotReadable
from jupyter_mlops.transfer.streams import Readable

T = TypeVar("T")
TRASH = ".trash"
MODELS = "models"
_RUN_ID = re.compile(r"[A-Za-z0-9][\w-]{0,255}")
_NOT_RUNS = frozenset({"datasets", "evaluation_datasets", MODELS, "tags", "traces", "assessments"})
_DELETED = "deleted"
# Their numbers in meta.yaml, which older versions wrote as words.
_RUN_STATUSES = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_MODEL_STATUSES = {
    "0": "LOGGED_MODEL_STATUS_UNSPECIFIED",
    "1": "LOGGED_MODEL_PENDING",
    "2": "LOGGED_MODEL_READY",
    "3": "LOGGED_MODEL_UPLOAD_FAILED",
}


class MlrunsFolder:
    """Reads a folder; what is damaged in it goes to the report."""

    def __init__(self, root: Path, report: Report) -> None:
        self._folder = Folder(root)
        self._report = report
        self._places: dict[str, str] = {}

    @property
    def shown(self) -> str:
        """Its path."""
        return str(self._folder.root)

    def is_store(self) -> bool:
        """Tell whether there is an experiment or a registered model in it."""
        places = self._folder.folders("")
        for part in (TRASH, MODELS):
            with suppress(NotReadable):
                places += self._below(part)
        return any(self._folder.has(f"{path}/meta.yaml") for path in places)

    def experiments(self) -> Iterator[Experiment]:
        """Yield all experiments, those in the trash as well."""
        for path in chain(self._folders_in(""), self._folders_in(TRASH)):
            if path in (TRASH, MODELS):
                continue
            entries = self._whole(f"folder {path}", self._folder.names, path)
            if "meta.yaml" in dict(entries or ()):
                found = self._whole(f"experiment in {path}", self._experiment, path)
                if found is not None:
                    self._places[found.experiment_id] = path
                    yield found

    def runs(self, experiment: Experiment) -> Iterator[Run]:
        """Yield all runs of an experiment, those in the trash as well."""
        place = self._places[experiment.experiment_id]
        for path in self._folders_in(place):
            name = path.rpartition("/")[2]
            if name in _NOT_RUNS or not _RUN_ID.fullmatch(name):
                continue
            if not self._folder.has(f"{path}/meta.yaml"):
                self._report.omit(f"folder {path}", "it has no meta.yaml, as every run has")
                continue
            found = self._whole(f"run in {path}", self._run, path)
            if found is not None:
                self._places[name] = path
                yield found

    def run(self, run_id: str) -> Run:
        """Return one run; NotReadable when it is gone."""
        return self._run(self._places[run_id])

    def history(self, run: Run, key: str) -> Iterator[list[Point]]:
        """Yield the values of a metric of a run in the order they were logged, by pages."""
        with self._folder.open(f"{self._places[run.run_id]}/metrics/{key}") as file:
            yield from points(file, key)

    def models(self, experiment: Experiment) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment."""
        place = f"{self._places[experiment.experiment_id]}/{MODELS}"
        for path in self._folders_in(place):
            name = path.rpartition("/")[2]
            found = self._whole(f"logged model in {path}", self._model, path)
            if found is not None:
                self._places[name] = path
                yield found

    def files(self, holder: Holder) -> Iterator[File]:
        """Yield the files of a run or logged model; NotReadable when they are elsewhere."""
        place = self._places[holder.ident]
        try:
            where = urlsplit(holder.artifact_uri)
        except ValueError:
            raise NotReadable("its meta.yaml does not say where they are") from None
        # A folder may have been moved: then its end is still the same.
        is_here = f"/{where.path}".rstrip("/").endswith(f"/{place}/artifacts")
        if where.scheme not in ("", "file") or not is_here:
            raise NotReadable(
                f"they are not in this folder, but at {holder.artifact_uri}; start `mlflow server` on "
                "it, and give the address of that"
            )
        for path in self._folder.walk(f"{place}/artifacts"):
            yield File(path, self._folder.size(f"{place}/artifacts/{path}"))

    def open(self, holder: Holder, file: File) -> AbstractContextManager[Readable]:
        """Open one file; NotReadable when it may not be read."""
        return self._folder.open(f"{self._places[holder.ident]}/artifacts/{file.path}")

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Yield the registered models."""
        for path in self._folders_in(MODELS):
            found = self._whole(f"registered model in {path}", self._registered, path)
            if found is not None:
                yield found

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a registered model by number."""
        place = f"{MODELS}/{name}"
        found: list[Version] = []
        for path in self._folders_in(place):
            if path.startswith(f"{place}/version-"):
                version = self._whole(f"model version in {path}", self._version, path)
                if version is not None and version.stage != "Deleted_Internal":
                    found.append(version)
        return sorted(found, key=lambda version: version.number)

    def _below(self, path: str) -> list[str]:
        return [f"{path}/{name}" for name in self._folder.folders(path)]

    def _folders_in(self, path: str) -> list[str]:
        """Return the paths of the folders in a folder; what seems to be one and is not is told of."""
        found = []
        for name, is_folder in self._whole(f"folder {path}", self._folder.names, path) or ():
            below = f"{path}/{name}".lstrip("/")
            if is_folder:
                found.append(below)
            elif self._folder.is_link(below):
                self._report.omit(below, "it is a symbolic link, which is not followed")
        return found

    def _whole(self, what: str, read: Callable[[str], T], path: str) -> T | None:
        try:
            return read(path)
        except NotReadable as error:
            self._report.omit(what, str(error))
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            self._report.omit(what, "its meta.yaml is damaged")
        return None

    def _experiment(self, path: str) -> Experiment:
        said = self._folder.meta(path)
        return Experiment(
            experiment_id=path,
            name=str(said["name"]),
            tags=self._folder.texts(f"{path}/tags"),
            deleted=said.get("lifecycle_stage") == _DELETED or path.startswith(f"{TRASH}/"),
        )

    def _run(self, path: str) -> Run:
        said = self._folder.meta(path)
        tags = self._folder.texts(f"{path}/tags")
        experiment, _, run_id = path.rpartition("/")
        datasets, models = self._inputs(experiment, path)
        return Run(
            run_id=run_id,
            experiment_id=experiment,
            name=_text(said, "run_name") or tags.get("mlflow.runName", ""),
            status=_status(said, _RUN_STATUSES),
            started_at=_whole(said, "start_time"),
            ended_at=_whole(said, "end_time"),
            user=_text(said, "user_id"),
            artifact_uri=_text(said, "artifact_uri"),
            deleted=said.get("lifecycle_stage") == _DELETED,
            parameters=self._folder.texts(f"{path}/params"),
            tags=tags,
            metric_keys=tuple(sorted(self._folder.walk(f"{path}/metrics"))),
            datasets=datasets,
            input_models=models,
            output_models=self._outputs(path),
        )

    def _inputs(
        self, experiment: str, run: str
    ) -> tuple[tuple[DatasetInput, ...], tuple[str, ...]]:
        datasets, models = [], []
        for path in self._below(f"{run}/inputs"):
            said = self._folder.meta(path)
            source_id = str(said["source_id"])
            if said.get("source_type") == "MODEL":
                models.append(source_id)
                continue
            of = self._folder.meta(f"{experiment}/datasets/{source_id}")
            datasets.append(
                DatasetInput(
                    name=_text(of, "name"),
                    digest=_text(of, "digest"),
                    source_type=_text(of, "source_type"),
                    source=_text(of, "source"),
                    schema=_maybe(of, "schema"),
                    profile=_maybe(of, "profile"),
                    tags={str(key): str(value) for key, value in (said.get("tags") or {}).items()},
                )
            )
        return tuple(datasets), tuple(models)

    def _outputs(self, run: str) -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        for path in self._below(f"{run}/outputs"):
            said = self._folder.meta(path)
            found.append((str(said["destination_id"]), _whole(said, "step") or 0))
        return tuple(found)

    def _model(self, path: str) -> LoggedModel:
        said = self._folder.meta(path)
        experiment, _, model_id = path.rpartition(f"/{MODELS}/")
        found: list[ModelPoint] = []
        for key in self._folder.walk(f"{path}/metrics"):
            with self._folder.open(f"{path}/metrics/{key}") as file:
                found += model_points(file, key, model_id)
        return LoggedModel(
            model_id=model_id,
            experiment_id=experiment,
            name=_text(said, "name"),
            model_type=_text(said, "model_type"),
            source_run_id=_text(said, "source_run_id"),
            status=_status(said, _MODEL_STATUSES),
            artifact_uri=_text(said, "artifact_location"),
            parameters=self._folder.texts(f"{path}/params"),
            tags=self._folder.texts(f"{path}/tags"),
            points=tuple(found),
        )

    def _registered(self, path: str) -> RegisteredModel:
        said = self._folder.meta(path)
        aliases = self._folder.texts(f"{path}/aliases")
        return RegisteredModel(
            name=path.removeprefix(f"{MODELS}/"),
            created_at=_whole(said, "creation_timestamp") or 0,
            description=_text(said, "description"),
            tags=self._folder.texts(f"{path}/tags"),
            aliases={alias: int(number) for alias, number in aliases.items()},
        )

    def _version(self, path: str) -> Version:
        said = self._folder.meta(path)
        return Version(
            name=path.split("/")[1],
            number=int(said["version"]),
            source=_text(said, "source"),
            run_id=_text(said, "run_id"),
            model_id=_text(said, "model_id"),
            run_link=_text(said, "run_link"),
            description=_text(said, "description"),
            stage=_text(said, "current_stage") or "None",
            tags=self._folder.texts(f"{path}/tags"),
        )


def _text(said: Mapping[str, Any], key: str) -> str:
    return _maybe(said, key) or ""


def _maybe(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    return None if value is None else str(value)


def _whole(said: Mapping[str, Any], key: str) -> int | None:
    value = said.get(key)
    return None if value is None else int(value)


def _status(said: Mapping[str, Any], names: Mapping[str, str]) -> str:
    found = str(said["status"])
    status = names.get(found, found)
    if status not in names.values():
        raise ValueError(f"there is no status {status}")
    return status
