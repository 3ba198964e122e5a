"""The notebook of a run logs to that very run, by its environment."""

from __future__ import annotations

from typing import Any

import nbformat

from tests.integration.tracking.conftest import TrackingHost
from tests.workspace import until

CLIENT = "from tests.tracking_client import *\nimport os"


def submit(host: TrackingHost, name: str, *cells: str, **fields: Any) -> str:
    """Queue a run of a notebook of these cells; return its id."""
    made = [nbformat.v4.new_code_cell(source) for source in (CLIENT, *cells)]
    spec = {"name": "python3", "display_name": "", "language": "python"}
    book = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": spec})
    nbformat.write(book, host.root / name)
    answer = host.request("POST", "runs", {"notebook": name, **fields})
    assert answer.status == 202, answer.body
    return str(answer.json()["run_id"])


def printed(host: TrackingHost, run_id: str) -> list[str]:
    """Return what the cells of an ended run printed."""
    notebook = nbformat.reads(host.request("GET", f"runs/{run_id}/notebook").body.decode(), 4)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return "".join(each.get("text", "") for each in outputs).split()


def tags_of(run: Any) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def test_the_first_run_that_a_notebook_opens_is_the_run_and_later_ones_are_its_children(
    host: TrackingHost,
) -> None:
    run_id = submit(
        host,
        "adopted.ipynb",
        "first = start_run(team='a'); end_run(first)\nprint(first, os.environ['JMLOPS_RUN_ID'])",
        "second = start_run(); end_run(second)\nprint(second)",
    )
    assert host.ended(run_id) == ("FINISHED", None, None)
    first, own, second = printed(host, run_id)
    assert first == own == run_id
    assert tags_of(host.run(run_id))["team"] == "a"
    child = host.run(second)
    assert tags_of(child)["mlflow.parentRunId"] == run_id
    assert (child["notebook"], child["user"]) == ("adopted.ipynb", "olive")


def test_what_a_failed_notebook_left_open_fails_with_it(host: TrackingHost) -> None:
    run_id = submit(host, "fails.ipynb", "start_run(); print(start_run())", "1 / 0")
    assert host.ended(run_id)[:2] == ("FAILED", "cell_error")
    (child,) = printed(host, run_id)
    assert host.ended(child)[:2] == ("FAILED", "cell_error")


def test_the_token_of_a_run_is_worthless_once_it_has_ended(host: TrackingHost) -> None:
    tell = "open('token.txt', 'w').write(os.environ['MLFLOW_TRACKING_TOKEN'])"
    run_id = submit(
        host, "token.ipynb", tell, "import time\nwhile not os.path.exists('go'): time.sleep(0.05)"
    )
    token_file = host.root / "token.txt"
    until(lambda: token_file.exists() and token_file.read_text(), "the token")
    token = token_file.read_text()
    assert host.asked_with(token) == 200
    (host.root / "go").touch()
    assert host.ended(run_id)[0] == "FINISHED"
    assert host.asked_with(token) == 401
