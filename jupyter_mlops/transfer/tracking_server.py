"""A tracking server as a source: everything in it is asked for by MLflow's protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import answers
from jupyter_mlops.transfer.link import Link, Refusal
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
from jupyter_mlops.transfer.source import NotReadable
from jupyter_mlops.transfer.streams import Readable

RUNS_OF_PAGE = 500
ENTRIES_OF_PAGE = 100
POINTS_OF_PAGE = 25_000
PROXY = "api/2.0/mlflow-artifacts/artifacts"
PROXIED = "mlflow-artifacts"
DEPTH_MAX = 64


class TrackingServer:
    """Reads a server of MLflow's, or one of ours."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @property
    def shown(self) -> str:
        """Its address."""
        return self._link.shown

    def experiments(self) -> Iterator[Experiment]:
        """Yield all experiments, those in the trash as well."""
        body = {"max_results": 1_000, "view_type": "ALL"}
        for said in self._pages("POST", "experiments/search", body, "experiments"):
            yield answers.experiment(said)

    def runs(self, experiment: Experiment) -> Iterator[Run]:
        """Yield all runs of an experiment, those in the trash as well."""
        body = {
            "experiment_ids": [experiment.experiment_id],
            "run_view_type": "ALL",
            "max_results": RUNS_OF_PAGE,
        }
        for said in self._pages("POST", "runs/search", body, "runs"):
            yield answers.run(said)

    def run(self, run_id: str) -> Run:
        """Return one run; NotReadable when it is gone."""
        try:
            return answers.got_run(self._link.ask("runs/get", run_id=run_id))
        except Refusal as error:
            raise _not_readable(error) from error

    def history(self, run: Run, key: str) -> Iterator[list[Point]]:
        """Yield the values of a metric of a run, by pages."""
        query: dict[str, object] = {"run_id": run.run_id, "metric_key": key}
        query["max_results"] = POINTS_OF_PAGE
        token = ""
        while True:
            said = self._link.ask("metrics/get-history", **query)
            yield [answers.point(each) for each in answers.listed(said, "metrics")]
            token = _next_page(said, token)
            if not token:
                return
            query["page_token"] = token

    def models(self, experiment: Experiment) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment; servers before MLflow 3 have none."""
        body = {"experiment_ids": [experiment.experiment_id], "max_results": 50}
        try:
            for said in self._pages("POST", "logged-models/search", body, "models"):
                yield answers.model(said)
        except ClientError as error:
            if error.status not in (404, 405, 501):
                raise

    def files(self, holder: Holder) -> Iterator[File]:
        """Yield the files of a run or logged model; NotReadable when they are out of reach."""
        folders = [""]
        while folders:
            folder = folders.pop()
            if folder.count("/") > DEPTH_MAX:
                raise NotReadable(f"folders are nested deeper than {DEPTH_MAX} levels")
            for file, is_folder in map(answers.entry, self._level(holder, folder)):
                # Else a folder may be listed as lying in itself, for ever.
                if folder and not file.path.startswith(f"{folder}/"):
                    raise NotReadable(f"the list of {folder} names what is not in it")
                if is_folder:
                    folders.append(file.path)
                else:
                    yield file

    @contextmanager
    def open(self, holder: Holder, file: File) -> Iterator[Readable]:
        """Open one file; NotReadable when it may not be read."""
        try:
            with self._download(holder, file) as stream:
                yield stream
        except Refusal as error:
            raise _not_readable(error) from error

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Yield the registered models."""
        path = "registered-models/search"
        for said in self._pages("GET", path, {"max_results": ENTRIES_OF_PAGE}, "registered_models"):
            # Lists leave the aliases out.
            name = answers.registered_model(said).name
            yield answers.got_registered_model(self._link.ask("registered-models/get", name=name))

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a registered model by number."""
        quoted = name.replace("'", "''") if '"' in name else name
        mark = "'" if '"' in name else '"'
        query = {"filter": f"name = {mark}{quoted}{mark}", "max_results": ENTRIES_OF_PAGE}
        found = self._pages("GET", "model-versions/search", query, "model_versions")
        versions = [answers.version(each) for each in found]
        return sorted((each for each in versions if each.name == name), key=lambda v: v.number)

    def _pages(self, method: str, path: str, asked: dict[str, Any], key: str) -> Iterator[Any]:
        token = ""
        while True:
            more = {**asked, "page_token": token} if token else asked
            said = (
                self._link.ask(path, **more)
                if method == "GET"
                else self._link.tell(method, path, more)
            )
            yield from answers.listed(said, key)
            token = _next_page(said, token)
            if not token:
                return

    def _level(self, holder: Holder, folder: str) -> list[dict[str, Any]]:
        try:
            if isinstance(holder, Run):
                query = {"run_id": holder.run_id} | ({"path": folder} if folder else {})
                said = self._link.ask("artifacts/list", **query)
            else:
                inside = {"artifact_directory_path": folder} if folder else {}
                ident = quote(holder.model_id, safe="", errors="surrogatepass")
                path = f"logged-models/{ident}/artifacts/directories"
                said = self._link.ask(path, **inside)
        except Refusal as error:
            raise _not_readable(error) from error
        return answers.listed(said, "files")

    def _download(self, holder: Holder, file: File) -> AbstractContextManager[Readable]:
        scheme, root = answers.place(holder.artifact_uri)
        if scheme == PROXIED:
            return self._link.download(f"{PROXY}/{root}/{file.path}")
        # The server fetches it from wherever it keeps its files.
        if isinstance(holder, Run):
            return self._link.download(
                "get-artifact", {"run_uuid": holder.run_id, "path": file.path}
            )
        return self._link.download(
            f"ajax-api/2.0/mlflow/logged-models/{holder.model_id}/artifacts/files",
            {"artifact_file_path": file.path},
        )


def _next_page(said: Mapping[str, Any], token: str) -> str:
    """Return the token of the next page; ClientError when it is this one again."""
    following = str(said.get("next_page_token") or "")
    if following and following == token:
        raise ClientError("A server gives the same page again and again.", code="invalid_answer")
    return following


def _not_readable(error: Refusal) -> Exception:
    return NotReadable(error.message) if error.permanent or error.status == 500 else error
