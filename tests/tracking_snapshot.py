"""All that a tracking server holds, by names instead of ids: two servers that hold the same are equal."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from difflib import unified_diff
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

_ORIGIN = "mlops.origin."
_TIMES = frozenset({"start_time", "end_time"})
_IDS = re.compile(r"(?:m-)?[0-9a-f]{32}")


class Reader:
    """Asks a server as MLflow's clients would."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def tell(self, path: str, body: Mapping[str, Any], method: str = "POST") -> Any:
        """Return the answer to a body."""
        headers = {**self._headers, "Content-Type": "application/json"}
        address = f"{self.url}/api/2.0/mlflow/{path}"
        return json.loads(self._answer(address, json.dumps(body).encode(), headers, method))

    def ask(self, path: str, /, **query: Any) -> Any:
        """Return the answer to a query."""
        return json.loads(self.bytes(f"api/2.0/mlflow/{path}?{urlencode(query)}"))

    def bytes(self, target: str) -> bytes:
        """Return what is at an address."""
        return self._answer(f"{self.url}/{target}", None, self._headers, "GET")

    def _answer(
        self, address: str, body: bytes | None, headers: Mapping[str, str], method: str
    ) -> bytes:
        parts = urlsplit(address)
        connection = HTTPConnection(parts.netloc, timeout=60)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, content
        return content

    def files(self, uri: str, listing: str, **query: str) -> dict[str, str]:
        """Return the sha256 of each file below an address."""
        if uri.startswith("file:"):
            # A server that lets its clients read and write the files themselves.
            root = Path(urlsplit(uri).path)
            return {
                each.relative_to(root).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
                for each in root.rglob("*")
                if each.is_file()
            }
        folders, found = [""], {}
        while folders:
            folder = folders.pop()
            name = "artifact_directory_path" if "logged-models" in listing else "path"
            for each in self.ask(listing, **query, **{name: folder}).get("files", ()):
                if each.get("is_dir"):
                    folders.append(each["path"])
                    continue
                root = urlsplit(uri).path.strip("/")
                address = f"api/2.0/mlflow-artifacts/artifacts/{root}/{quote(each['path'])}"
                found[each["path"]] = hashlib.sha256(self.bytes(address)).hexdigest()
        return found


def snapshot(reader: Reader, *experiments: str) -> dict[str, Any]:
    """Return everything in these experiments, or in all, and all registered models."""
    whole: dict[str, Any] = {"experiments": {}, "models": {}}
    names: dict[str, str] = {}
    runs, models = [], []
    said = reader.tell("experiments/search", {"max_results": 1000})["experiments"]
    for experiment in said:
        if experiments and experiment["name"] not in experiments:
            continue
        number = experiment["experiment_id"]
        held: dict[str, Any] = {"tags": _pairs(experiment.get("tags")), "runs": {}, "models": {}}
        whole["experiments"][experiment["name"]] = held
        body = {"experiment_ids": [number], "max_results": 1000}
        runs += [(held, run) for run in reader.tell("runs/search", body).get("runs", ())]
        body = {"experiment_ids": [number], "max_results": 50}
        found = reader.tell("logged-models/search", body).get("models", ())
        models += [(held, model) for model in found]
    names |= {run["info"]["run_id"]: f"<run {run['info']['run_name']}>" for _, run in runs}
    names |= {m["info"]["model_id"]: f"<model {m['info']['name']}>" for _, m in models}
    for held, run in runs:
        assert run["info"]["run_name"] not in held["runs"], "a run is there twice"
        held["runs"][run["info"]["run_name"]] = _run(reader, run)
    for held, model in models:
        assert model["info"]["name"] not in held["models"], "a logged model is there twice"
        held["models"][model["info"]["name"]] = _model(reader, model)
    for model in reader.ask("registered-models/search", max_results=100).get(
        "registered_models", ()
    ):
        whole["models"][model["name"]] = _registered(reader, model["name"])
    text = json.dumps(whole)
    named = json.loads(_IDS.sub(lambda found: names.get(found[0], found[0]), text))
    return dict(_in_order(named))


def _in_order(value: Any) -> Any:
    # Only now: the order of ids is not that of names.
    if isinstance(value, dict):
        return {key: _in_order(each) for key, each in value.items()}
    return sorted(value, key=json.dumps) if isinstance(value, list) else value


def differences(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Return the lines in which two snapshots differ; nothing when they are equal."""
    first, second = (
        json.dumps(each, indent=1, sort_keys=True).splitlines() for each in (one, other)
    )
    return "\n".join(unified_diff(first, second, lineterm=""))


def _run(reader: Reader, listed: dict[str, Any]) -> dict[str, Any]:
    # Lists of MLflow's server leave the input models out.
    run = reader.ask("runs/get", run_id=listed["info"]["run_id"])["run"]
    info, data = run["info"], run["data"]
    tags = _pairs(data.get("tags"))
    inputs, outputs = run.get("inputs", {}), run.get("outputs", {})
    return {
        "status": info["status"],
        "times": {key: info.get(key) for key in _TIMES},
        # Our server takes whose token it is for the user; the tag keeps who it was.
        "user": tags.pop("mlflow.user", info.get("user_id")),
        "tags": tags,
        "parameters": _pairs(data.get("params")),
        "latest": list(map(_point, data.get("metrics", ()))),
        "history": {
            each["key"]: _history(reader, info["run_id"], each["key"])
            for each in data.get("metrics", ())
        },
        "data sets": [
            json.dumps({**each["dataset"], "tags": _pairs(each.get("tags"))}, sort_keys=True)
            for each in inputs.get("dataset_inputs", ())
        ],
        "model inputs": [each["model_id"] for each in inputs.get("model_inputs", ())],
        "model outputs": [
            [each["model_id"], int(each.get("step", 0))]
            for each in outputs.get("model_outputs", ())
        ],
        "files": reader.files(info["artifact_uri"], "artifacts/list", run_id=info["run_id"]),
    }


def _history(reader: Reader, run_id: str, key: str) -> list[str]:
    points, token = [], ""
    while True:
        said = reader.ask(
            "metrics/get-history", run_id=run_id, metric_key=key, max_results=1000, page_token=token
        )
        points += [_point(each) for each in said.get("metrics", ())]
        token = said.get("next_page_token", "")
        if not token:
            return points


def _point(said: dict[str, Any]) -> str:
    value = float(said.get("value", 0))
    return f"{said['key']} {value!r} {said['timestamp']} {said.get('step', 0)}"


def _model_point(said: dict[str, Any]) -> str:
    named = [said.get("model_id", ""), said.get("dataset_name", ""), said.get("run_id", "")]
    return f"{_point(said)} {named}"


def _model(reader: Reader, model: dict[str, Any]) -> dict[str, Any]:
    info, data = model["info"], model.get("data", {})
    listing = f"logged-models/{info['model_id']}/artifacts/directories"
    return {
        "status": info["status"],
        "type": info.get("model_type", ""),
        "run": info.get("source_run_id"),
        "tags": _pairs(info.get("tags")),
        "parameters": _pairs(data.get("params")),
        "metrics": list(map(_model_point, data.get("metrics", ()))),
        "files": reader.files(info["artifact_uri"], listing),
    }


def _registered(reader: Reader, name: str) -> dict[str, Any]:
    said = reader.ask("registered-models/get", name=name)["registered_model"]
    found = reader.ask("model-versions/search", filter=f"name = '{name}'", max_results=100)
    return {
        "description": said.get("description", ""),
        "tags": _pairs(said.get("tags")),
        "aliases": {each["alias"]: int(each["version"]) for each in said.get("aliases", ())},
        "versions": {
            version["version"]: {
                "source": _source(version["source"]),
                "run": version.get("run_id", ""),
                "description": version.get("description", ""),
                "stage": version.get("current_stage", "None"),
                "link": version.get("run_link", ""),
                "tags": _pairs(version.get("tags")),
            }
            for version in found.get("model_versions", ())
        },
    }


def _source(text: str) -> str:
    # Each server gives its experiments numbers of its own.
    return re.sub(r"^mlflow-artifacts:/[0-9]+/", "", text)


def _pairs(items: Any) -> dict[str, str]:
    pairs = {each["key"]: each.get("value", "") for each in items or ()}
    return {key: value for key, value in pairs.items() if not key.startswith(_ORIGIN)}
