"""A tracking server as a destination: what it has been given before, and what can be made in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote, unquote, urlsplit

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import answers, origins
from jupyter_mlops.transfer.link import Link, Refusal
from jupyter_mlops.transfer.records import (
    Experiment,
    Holder,
    LoggedModel,
    RegisteredModel,
    Run,
)
from jupyter_mlops.transfer.streams import Readable
from jupyter_mlops.transfer.tracking_server import PROXIED, PROXY, TrackingServer

EXPERIMENTS_OF_SEARCH = 50
# What MLflow's servers take of one request.
FIRST_PARAMETERS = 100
RUNS_OF_PAGE = 1_000
ENDED = frozenset({"LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"})


@dataclass(frozen=True)
class Given:
    """A run or logged model that the destination has, and whether it has all of it."""

    ident: str
    finished: bool


class Destination:
    """Writes to a server of MLflow's, or one of ours; a refusal of it is a Refusal."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.reader = TrackingServer(link)
        self._experiments: dict[str, Experiment] = {}
        self._runs: dict[str, Given] = {}
        self._models: dict[str, Given] = {}

    def look(self) -> None:
        """Find out what was carried here before."""
        experiments = list(self.reader.experiments())
        self._experiments = {each.name: each for each in experiments if not each.deleted}
        ids = iter([each.experiment_id for each in experiments])
        while some := list(islice(ids, EXPERIMENTS_OF_SEARCH)):
            for run in self._marked_runs(some):
                finished = origins.UNFINISHED not in run.tags or run.deleted
                self._runs[run.tags[origins.RUN]] = Given(run.run_id, finished)
        for experiment in experiments:
            for model in self.reader.models(experiment):
                finished = origins.UNFINISHED not in model.tags
                self._models[origins.of_model(model)] = Given(model.model_id, finished)

    def experiment(self, name: str) -> Experiment | None:
        """Return the experiment of a name that is not in the trash, or that is in the way of one."""
        return self._experiments.get(name)

    def make_experiment(self, new: Experiment) -> Experiment:
        """Make an experiment with its tags."""
        body = {"name": new.name, "tags": _pairs(new.tags)}
        try:
            made = self.link.tell("POST", "experiments/create", body, once=True)
            number = str(made["experiment_id"])
        except Refusal as error:
            # Names that differ in case or width only are one name to some servers.
            if error.code != "RESOURCE_ALREADY_EXISTS":
                raise
            said = self.link.ask("experiments/get-by-name", experiment_name=new.name)
            number = str(said["experiment"]["experiment_id"])
        said = self.link.ask("experiments/get", experiment_id=number)
        self._experiments[new.name] = answers.experiment(said["experiment"])
        return self._experiments[new.name]

    def tag_experiment(self, experiment: Experiment, tags: Mapping[str, str]) -> None:
        """Set tags of an experiment."""
        for key, value in tags.items():
            body = {"experiment_id": experiment.experiment_id, "key": key, "value": value}
            self.link.tell("POST", "experiments/set-experiment-tag", body)

    def known_run(self, origin: str, *, carried: bool) -> Given | None:
        """Return what was made of a run; ``carried`` when it may have begun in this very server."""
        if origin not in self._runs and carried and self.has_run(origin):
            self._runs[origin] = Given(origin, finished=True)
        return self._runs.get(origin)

    def has_run(self, run_id: str) -> bool:
        """Tell whether there is a run of this very id."""
        try:
            self.link.ask("runs/get", run_id=run_id)
        except Refusal as error:
            if is_passing(error):
                raise
            return False
        return True

    def make_run(self, run: Run, experiment: Experiment, origin: str) -> Run:
        """Open a run like another one; it is marked with its origin, and as unfinished."""
        tags = {origins.RUN: origin, origins.UNFINISHED: "true"}
        body: dict[str, object] = {
            "experiment_id": experiment.experiment_id,
            "run_name": run.name,
            "user_id": run.tags.get("mlflow.user") or run.user,
            "tags": _pairs(tags),
        }
        if run.started_at is not None:
            body["start_time"] = run.started_at
        made = answers.run(self.link.tell("POST", "runs/create", body, once=True)["run"])
        self._runs[origin] = Given(made.run_id, finished=False)
        return made

    def log(self, run_id: str, kind: str, items: Sequence[Mapping[str, object]]) -> None:
        """Log ``metrics``, ``params`` or ``tags`` of a run; once more changes nothing."""
        self.link.tell("POST", "runs/log-batch", {"run_id": run_id, kind: items})

    def log_inputs(self, run_id: str, inputs: Mapping[str, object]) -> None:
        """Log what went into a run."""
        self.link.tell("POST", "runs/log-inputs", {"run_id": run_id, **inputs}, once=True)

    def log_outputs(self, run_id: str, models: Sequence[Mapping[str, object]]) -> None:
        """Log which models came out of a run."""
        self.link.tell("POST", "runs/outputs", {"run_id": run_id, "models": models}, once=True)

    def finish_run(self, run_id: str, like: Run) -> None:
        """Have a run end as another one did, and take the mark off it."""
        body: dict[str, object] = {"run_id": run_id, "status": like.status}
        if like.ended_at is not None:
            body["end_time"] = like.ended_at
        self.link.tell("POST", "runs/update", body)
        body = {"run_id": run_id, "key": origins.UNFINISHED}
        self.link.tell("POST", "runs/delete-tag", body)

    def known_model(self, origin: str, *, carried: bool) -> Given | None:
        """Return what was made of a logged model, as for runs."""
        if origin not in self._models and carried:
            try:
                self.model(origin)
            except Refusal as error:
                if not error.permanent:
                    raise
            else:
                self._models[origin] = Given(origin, finished=True)
        return self._models.get(origin)

    def make_model(
        self, model: LoggedModel, experiment: Experiment, source_run_id: str
    ) -> LoggedModel:
        """Make a logged model like another one; it is marked as unfinished."""
        origin = origins.of_model(model)
        marks = {origins.LOGGED_MODEL: origin, origins.UNFINISHED: "true"}
        parameters = list(_pairs(model.parameters))
        body = {
            "experiment_id": experiment.experiment_id,
            "name": model.name,
            "model_type": model.model_type,
            "source_run_id": source_run_id,
            "params": parameters[:FIRST_PARAMETERS],
            "tags": _pairs(origins.without(model.tags) | marks),
        }
        made = answers.model(self.link.tell("POST", "logged-models", body, once=True)["model"])
        self._models[origin] = Given(made.model_id, finished=False)
        return made

    def add_parameters(self, model_id: str, parameters: Mapping[str, str]) -> None:
        """Log parameters of a logged model that it does not have yet."""
        items = iter(_pairs(parameters))
        while some := list(islice(items, FIRST_PARAMETERS)):
            self.link.tell(
                "POST", f"logged-models/{model_id}/params", {"model_id": model_id, "params": some}
            )

    def model(self, model_id: str) -> LoggedModel:
        """Return a logged model."""
        # It may be what a tag of the source says, and must not lead elsewhere here.
        path = f"logged-models/{quote(model_id, safe='', errors='surrogatepass')}"
        return answers.model(self.link.ask(path)["model"])

    def finish_model(self, model_id: str, status: str) -> None:
        """Say how a logged model turned out, and take the mark off it."""
        if status in ENDED:
            body = {"model_id": model_id, "status": status}
            self.link.tell("PATCH", f"logged-models/{model_id}", body)
        path = f"logged-models/{model_id}/tags/{origins.UNFINISHED}"
        self.link.tell("DELETE", path, {}, once=True)

    def store(self, holder: Holder, path: str, file: Readable, size: int) -> None:
        """Store a file of a run or logged model."""
        root = unquote(urlsplit(holder.artifact_uri).path).strip("/")
        self.link.upload(f"{PROXY}/{root}/{path}", file, size)

    def registered_model(self, name: str) -> RegisteredModel | None:
        """Return the registered model of a name, if there is one."""
        try:
            said = self.link.ask("registered-models/get", name=name)
        except Refusal as error:
            if error.status != 404:
                raise
            return None
        return answers.registered_model(said["registered_model"])

    def _marked_runs(self, experiment_ids: Iterable[str]) -> Iterator[Run]:
        body: dict[str, object] = {
            "experiment_ids": list(experiment_ids),
            "run_view_type": "ALL",
            "max_results": RUNS_OF_PAGE,
            "filter": f"tags.`{origins.RUN}` LIKE '%'",
        }
        while True:
            said = self.link.tell("POST", "runs/search", body)
            yield from map(answers.run, said.get("runs", ()))
            if not said.get("next_page_token"):
                return
            body["page_token"] = said["next_page_token"]


def takes_files(holder: Holder) -> bool:
    """Tell whether files of a run or logged model go through the server that keeps it."""
    return urlsplit(holder.artifact_uri).scheme == PROXIED


def is_passing(error: ClientError) -> bool:
    """Tell whether a refusal says something about the moment and nothing about what was sent."""
    return not isinstance(error, Refusal) or not error.permanent


def _pairs(items: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in items.items()]
