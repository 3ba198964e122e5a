"""One over the limit of any field is refused, at once and for that reason alone (security row S8)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.jupyter_host import Answer, JupyterHost

Call = tuple[str, str, dict[str, Any] | None]
# The fastest of a few: what else the machine does is no cost of the refusal.
TRIES = 5
SECONDS = 0.1


def submission(**fields: Any) -> Call:
    return ("POST", "runs", {"notebook": "train.ipynb", **fields})


def keyed(count: int) -> dict[str, str]:
    return {f"key{number}": "v" for number in range(count)}


def tag(key: str, value: str = "v") -> Call:
    return ("PUT", "runs/{run}/tags", {"key": key, "value": value})


# What is asked for, at its limit and one over it.
FIELDS: dict[str, tuple[Call, Call]] = {
    "the value of a tag": (tag("k", "x" * 5_000), tag("k", "x" * 5_001)),
    "the key of a tag": (tag("k" * 250), tag("k" * 251)),
    "the name of a run": tuple(
        ("PATCH", "runs/{run}", {"name": "n" * size}) for size in (250, 251)
    ),
    "the note of a run": tuple(
        ("PATCH", "runs/{run}", {"note": "n" * size}) for size in (50_000, 50_001)
    ),
    "the experiment of a run": tuple(
        ("PATCH", "runs/{run}", {"experiment": "n" * size}) for size in (250, 251)
    ),
    "a page of runs": tuple(("GET", f"runs?limit={size}", None) for size in (1_000, 1_001)),
    "a page of events": tuple(("GET", f"events?limit={size}", None) for size in (1_000, 1_001)),
    "a page of experiments": tuple(
        ("GET", f"experiments?limit={size}", None) for size in (1_000, 1_001)
    ),
    "a piece of a log": tuple(
        ("GET", f"runs/{{run}}/log?limit={size}", None) for size in (1 << 20, (1 << 20) + 1)
    ),
    "points of a history": tuple(
        ("GET", f"runs/{{run}}/metrics?key=loss&max_points={size}", None) for size in (5_000, 5_001)
    ),
    "words of a search": tuple(("GET", f"runs?q={'w' * size}", None) for size in (250, 251)),
}
REFUSED: dict[str, Call] = {
    "101 tags": submission(tags=keyed(101)),
    "101 parameters": submission(parameters=keyed(101)),
    "a tag of a submission": submission(tags={"k": "x" * 5_001}),
    "a key of a submission": submission(tags={"k" * 251: "v"}),
    "a parameter of a submission": submission(parameters={"p": "x" * (256 * 1024)}),
    "the key of a parameter": submission(parameters={"p" * 251: 1}),
    "the name of a submission": submission(name="n" * 251),
    "the experiment of a submission": submission(experiment="n" * 251),
    "a time limit": submission(time_limit=30 * 86_400 + 1),
    "a path": submission(notebook="n" * 1_019 + ".ipynb"),
    "a copy's path": submission(save_to="n" * 1_019 + ".ipynb"),
    "the name of an experiment": ("POST", "experiments", {"name": "n" * 251}),
    "the description of an experiment": (
        "POST",
        "experiments",
        {"name": "n", "description": "d" * 5_001},
    ),
    "the name of a rerun": ("POST", "runs/{run}/rerun", {"name": "n" * 251}),
    "the key of a metric": ("GET", f"runs/{{run}}/metrics?key={'k' * 251}", None),
    "the key of a removed tag": ("DELETE", f"runs/{{run}}/tags?key={'k' * 251}", None),
    "the path of an artifact": (
        "GET",
        f"runs/{{run}}/artifacts/content?path={'p' * 1_025}",
        None,
    ),
    "the path of a form": ("GET", f"notebooks/parameters?path={'p' * 1_025}", None),
    "a query": ("GET", f"runs?q={quote('w' * 8_192)}", None),
}


@pytest.fixture(autouse=True)
def nothing_is_queued(host: JupyterHost, run_id: str) -> Iterator[None]:
    before = host.request("GET", "runs?limit=1").json()["total"]
    yield
    assert host.request("GET", "runs?limit=1").json()["total"] == before


def ask(host: JupyterHost, run_id: str, call: Call) -> Answer:
    method, path, body = call
    return host.request(method, path.format(run=run_id), body)


def refused_at_once(host: JupyterHost, run_id: str, call: Call) -> None:
    took = []
    for _ in range(TRIES):
        started = time.monotonic()
        answer = ask(host, run_id, call)
        took.append(time.monotonic() - started)
        assert 400 <= answer.status < 500, answer
        assert answer.json()["code"] in ("too_large", "invalid_request", "invalid_name") or (
            answer.json()["code"] in ("invalid_parameter", "invalid_notebook")
        )
        if took[-1] < SECONDS:
            break
    assert min(took) < SECONDS


@pytest.mark.parametrize("what", FIELDS)
def test_a_field_takes_its_limit_and_not_one_more(
    host: JupyterHost, run_id: str, what: str
) -> None:
    at_the_limit, over = FIELDS[what]
    assert ask(host, run_id, at_the_limit).status == 200
    refused_at_once(host, run_id, over)


@pytest.mark.parametrize("what", REFUSED)
def test_one_over_the_limit_is_refused_at_once(host: JupyterHost, run_id: str, what: str) -> None:
    refused_at_once(host, run_id, REFUSED[what])


def test_a_notebook_of_too_many_cells_is_not_run(host: JupyterHost) -> None:
    cell = '{"cell_type":"code","source":"1","metadata":{},"outputs":[],"execution_count":null}'
    book = (
        f'{{"cells":[{",".join([cell] * 10_001)}],"metadata":{{}},"nbformat":4,"nbformat_minor":4}}'
    )
    (host.root / "long.ipynb").write_text(book)
    answer = host.request("POST", "runs", {"notebook": "long.ipynb"})
    assert (answer.status, answer.json()["code"]) == (413, "too_large")
