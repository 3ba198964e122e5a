"""Whether what a server holds of a story is what it acknowledged: nothing lost, halved or doubled."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from tests.faults.mlflow_story import (
    EXPERIMENT,
    FILES,
    STORY_TAG,
    TRACKING,
    Ask,
    State,
    Story,
    digest,
)


def check(story: Story, ask: Ask, *, undone: bool = False) -> None:
    """Assert that a story is there as far as it was acknowledged.

    What is under way may be done, unless it is ``undone``.
    """
    under_way = None if undone else story.pending
    found = _observed(story, ask)
    whole = story.known if under_way is None else {**story.known, **under_way.adds}
    assert found in (story.known, whole), (story.name, _difference(found, story.known))
    for kind, ids in _made(story, ask).items():
        acknowledged = {story.ids[kind]} if kind in story.ids else set()
        assert acknowledged <= ids, (story.name, kind)
        assert len(ids) - len(acknowledged) <= story.lost[kind], (story.name, kind, ids)


def _difference(found: State, known: State) -> dict[str, Any]:
    keys = {key for key in found.keys() | known.keys() if found.get(key) != known.get(key)}
    return {key: (found.get(key), known.get(key)) for key in sorted(keys)}


def _observed(story: Story, ask: Ask) -> State:
    found: State = {}
    if "run" in story.ids:
        found |= _run(story.ids["run"], ask)
    if "model" in story.ids:
        found |= _model(story.ids["model"], ask)
    status, said = _get(ask, "registered-models/get", name=story.name)
    if status == 200:
        found["registered"] = said["registered_model"]["description"]
    if "version" in story.ids:
        found |= _version(story.name, story.ids["version"], ask)
    # What was made and not acknowledged has an id that nobody knows.
    if "run" not in story.ids and story.pending is not None:
        assert not found
    return found


def _run(run_id: str, ask: Ask) -> State:
    run = _told(ask, "runs/get", run_id=run_id)["run"]
    data = run["data"]
    found: State = {"status": run["info"]["status"]}
    found |= {f"param {each['key']}": each["value"] for each in data.get("params", [])}
    found |= {
        f"tag {each['key']}": each["value"]
        for each in data.get("tags", [])
        if not each["key"].startswith("mlflow.")
    }
    for key in {each["key"] for each in data.get("metrics", [])}:
        page = _told(ask, "metrics/get-history", run_id=run_id, metric_key=key, max_results=1_000)
        for point in page["metrics"]:
            entry = f"point {key} {point.get('step', 0)}"
            # One that is there twice is seen as such.
            found[entry if entry not in found else f"{entry} again"] = point["value"]
    for each in run.get("inputs", {}).get("dataset_inputs", []):
        (tag,) = each["tags"]
        found[f"input {each['dataset']['name']}"] = tag["value"]
    for each in run.get("outputs", {}).get("model_outputs", []):
        found[f"output {each['model_id']}"] = int(each["step"])
    return found | _files(run_id, "file", ask)


def _model(model_id: str, ask: Ask) -> State:
    model = _told(ask, f"logged-models/{model_id}")["model"]
    found: State = {"model status": model["info"]["status"]}
    for kind, pairs in (("param", model["data"]), ("tag", model["info"])):
        named = pairs.get(f"{kind}s", [])
        found |= {f"model {kind} {each['key']}": each["value"] for each in named}
    return found | _files(f"models/{model_id}", "model file", ask)


def _version(name: str, version: str, ask: Ask) -> State:
    found: State = {}
    made = _told(ask, "model-versions/get", name=name, version=version)["model_version"]
    found |= {f"version tag {each['key']}": each["value"] for each in made.get("tags", [])}
    status, said = _get(ask, "registered-models/alias", name=name, alias="champion")
    if status == 200:
        found["alias champion"] = str(said["model_version"]["version"])
    return found


def _files(owner: str, entry: str, ask: Ask) -> State:
    """Return the files of a run or model: what is listed is there with its bytes, and whole."""
    query = urlencode({"path": f"{EXPERIMENT}/{owner}/artifacts/folder"})
    status, data = ask("GET", f"{FILES.removesuffix('/')}?{query}", None)
    assert status == 200, data
    listed = json.loads(data).get("files", [])
    assert len(listed) <= 1
    found = {}
    for each in listed:
        status, data = ask("GET", f"{FILES}{EXPERIMENT}/{owner}/artifacts/folder/data.bin", None)
        assert (status, len(data)) == (200, each["file_size"]), owner
        found[entry] = digest(data)
    return found


def _made(story: Story, ask: Ask) -> dict[str, set[str]]:
    """Return the ids of all that was made by the requests of a story."""
    runs = _search(
        ask,
        "runs/search",
        {"experiment_ids": [EXPERIMENT], "filter": f"tags.{STORY_TAG} = '{story.name}'"},
    )
    made = {"run": {each["info"]["run_id"] for each in runs.get("runs", [])}}
    if "run" in story.ids:
        condition = f"source_run_id = '{story.ids['run']}'"
        models = _search(
            ask, "logged-models/search", {"experiment_ids": [EXPERIMENT], "filter": condition}
        )
        made["model"] = {each["info"]["model_id"] for each in models.get("models", [])}
    versions = _told(ask, "model-versions/search", filter=f"name = '{story.name}'")
    made["version"] = {str(each["version"]) for each in versions.get("model_versions", [])}
    return made


def _search(ask: Ask, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    status, data = ask("POST", TRACKING + path, json.dumps(fields).encode())
    assert status == 200, data
    return dict(json.loads(data))


def _told(ask: Ask, path: str, **fields: object) -> dict[str, Any]:
    status, said = _get(ask, path, **fields)
    assert status == 200, (path, fields, said)
    return said


def _get(ask: Ask, path: str, **fields: object) -> tuple[int, dict[str, Any]]:
    status, data = ask("GET", f"{TRACKING}{path}?{urlencode(fields)}", None)
    return status, json.loads(data)
