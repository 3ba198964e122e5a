"""What one client of MLflow does from the first request to the last, and what must be kept of it.

The client repeats what it got no answer to, as MLflow's own does. At any moment the server holds what it
acknowledged, with or without the one request that is under way, and nothing in between.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

TRACKING = "api/2.0/mlflow/"
FILES = "api/2.0/mlflow-artifacts/artifacts/"
EXPERIMENT = "0"
STORY_TAG = "story"
# Larger than the pieces in which a file is written.
LARGE_BYTES = 1_300_000

# Sends method, path and body, and returns status and content; OSError when no answer came.
Ask = Callable[[str, str, bytes | None], tuple[int, bytes]]
# What is kept, one entry for each small thing, so that half of something shows.
State = dict[str, Any]


@dataclass(frozen=True)
class Write:
    """One request that changes something, and the entries that are there once it is done.

    ``makes`` names what it makes anew each time it is done: MLflow's protocol knows no ids of
    requests, so that one which is repeated after its answer was lost may have been done twice.
    """

    method: str
    path: str
    body: bytes
    adds: Mapping[str, Any]
    makes: str | None = None


@dataclass
class Story:
    """One story under way: what was acknowledged, and what was sent and not answered."""

    name: str
    known: State = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    pending: Write | None = None
    ended: bool = False
    acknowledged: int = 0
    # How often the answer to what makes something was lost.
    lost: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin."""
        self._steps = _tell(self)
        self._move(None)

    def go_on(self, ask: Ask) -> None:
        """Send the next request, or the one that was not answered again; OSError when no answer comes."""
        write = self.pending
        assert write is not None
        try:
            status, data = ask(write.method, write.path, write.body)
        except ConnectionRefusedError:
            raise
        except OSError:
            self.lost[write.path] += 1
            if write.makes is not None:
                self.lost[write.makes] += 1
            raise
        answer = json.loads(data)
        # A name that is taken by the same request, whose answer was lost.
        taken = self.lost[write.path] and answer.get("error_code") == "RESOURCE_ALREADY_EXISTS"
        assert status == 200 or taken, (write.path, status, data)
        self.known |= write.adds
        self.acknowledged += 1
        self._move(answer)

    def _move(self, answer: dict[str, Any] | None) -> None:
        try:
            self.pending = next(self._steps) if answer is None else self._steps.send(answer)
        except StopIteration:
            self.pending, self.ended = None, True


def content(name: str, size: int) -> bytes:
    """Return bytes that no other file of the stories has."""
    line = f"{name} ".encode()
    return (line * (size // len(line) + 1))[:size]


def digest(data: bytes) -> str:
    """Return what tells bytes apart from others."""
    return hashlib.sha256(data).hexdigest()


def _tell(story: Story) -> Generator[Write, dict[str, Any], None]:
    yield from _tell_of_run(story)
    yield from _tell_of_model(story)
    yield from _tell_of_registry(story)
    yield _of_run(story, "runs/update", {"status": "FINISHED", "end_time": 9}, status="FINISHED")


def _tell_of_run(story: Story) -> Generator[Write, dict[str, Any], None]:
    tags = [{"key": STORY_TAG, "value": story.name}]
    made = yield _post(
        "runs/create",
        {"experiment_id": EXPERIMENT, "start_time": 1, "tags": tags},
        {f"tag {STORY_TAG}": story.name, "status": "RUNNING"},
        makes="run",
    )
    story.ids["run"] = made["run"]["info"]["run_id"]
    yield _of_run(
        story,
        "runs/log-metric",
        {"key": "loss", "value": 0.5, "timestamp": 7, "step": 0},
        **{"point loss 0": 0.5},
    )
    yield _of_run(
        story,
        "runs/log-parameter",
        {"key": "one", "value": story.name},
        **{"param one": story.name},
    )
    yield _batch(story, 1)
    for count in ("1", "2"):
        yield _of_run(
            story, "runs/set-tag", {"key": "count", "value": count}, **{"tag count": count}
        )
    yield _batch(story, 2)
    dataset = {"name": story.name, "digest": "1f", "source_type": "local", "source": "{}"}
    inputs = [{"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": "train"}]}]
    yield _of_run(
        story, "runs/log-inputs", {"datasets": inputs}, **{f"input {story.name}": "train"}
    )
    for number, size in enumerate((300, LARGE_BYTES if _is_large(story) else 9_000)):
        # The second time other bytes come to the same place.
        yield _file(story, story.ids["run"], "file", content(f"{story.name} {number}", size))


def _tell_of_model(story: Story) -> Generator[Write, dict[str, Any], None]:
    made = yield _post(
        "logged-models",
        {"experiment_id": EXPERIMENT, "name": "model", "source_run_id": story.ids["run"]},
        {"model status": "LOGGED_MODEL_PENDING"},
        makes="model",
    )
    model = story.ids["model"] = made["model"]["info"]["model_id"]
    pairs = [{"key": f"k{number}", "value": story.name} for number in range(3)]
    params = {f"model param {pair['key']}": story.name for pair in pairs}
    yield _post(f"logged-models/{model}/params", {"params": pairs}, params)
    tags = {f"model tag {pair['key']}": story.name for pair in pairs}
    yield _patch(f"logged-models/{model}/tags", {"tags": pairs}, tags)
    yield _file(story, f"models/{model}", "model file", content(f"{story.name} model", 2_000))
    ready = "LOGGED_MODEL_READY"
    yield _patch(f"logged-models/{model}", {"status": ready}, {"model status": ready})
    yield _of_run(
        story,
        "runs/outputs",
        {"models": [{"model_id": model, "step": 3}]},
        **{f"output {model}": 3},
    )


def _tell_of_registry(story: Story) -> Generator[Write, dict[str, Any], None]:
    name, model = story.name, story.ids["model"]
    described = {"name": name, "description": name}
    yield _post("registered-models/create", described, {"registered": name})
    made = yield _post(
        "model-versions/create",
        {"name": name, "source": f"models:/{model}", "model_id": model},
        {},
        makes="version",
    )
    version = str(made["model_version"]["version"])
    story.ids["version"] = version
    chosen = {"name": name, "version": version}
    alias = {**chosen, "alias": "champion"}
    yield _post("registered-models/alias", alias, {"alias champion": version})
    tag = {**chosen, "key": "k", "value": name}
    yield _post("model-versions/set-tag", tag, {"version tag k": name})


def _is_large(story: Story) -> bool:
    return digest(story.name.encode())[0] in "048c"


def _batch(story: Story, number: int) -> Write:
    """Return a batch of all kinds; the values tell which one they came with."""
    keys = [f"{number}.{place}" for place in range(8)]
    steps = range(10 * number, 10 * number + 8)
    points = [
        {"key": key, "value": step / 4, "timestamp": 7, "step": step}
        for key in ("loss", "accuracy")
        for step in steps
    ]
    pairs = [{"key": key, "value": story.name} for key in keys]
    return _of_run(
        story,
        "runs/log-batch",
        {"metrics": points, "params": pairs, "tags": pairs},
        **{f"point {point['key']} {point['step']}": point["value"] for point in points},
        **{f"{kind} {key}": story.name for kind in ("param", "tag") for key in keys},
    )


def _file(story: Story, owner: str, entry: str, data: bytes) -> Write:
    path = f"{FILES}{EXPERIMENT}/{owner}/artifacts/folder/data.bin"
    return Write("PUT", path, data, {entry: digest(data)})


def _of_run(story: Story, path: str, fields: Mapping[str, Any], **adds: Any) -> Write:
    return _post(path, {"run_id": story.ids["run"], **fields}, adds)


def _post(
    path: str, fields: Mapping[str, Any], adds: Mapping[str, Any], makes: str | None = None
) -> Write:
    return Write("POST", TRACKING + path, json.dumps(fields).encode(), adds, makes)


def _patch(path: str, fields: Mapping[str, Any], adds: Mapping[str, Any]) -> Write:
    return Write("PATCH", TRACKING + path, json.dumps(fields).encode(), adds)
