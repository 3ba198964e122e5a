"""One server for the tests of the host, with one finished run that has every kind of record."""

from __future__ import annotations

import time
from collections.abc import Iterator

import nbformat
import pytest

from tests.jupyter_host import JupyterHost

SOURCE = """
from jupyter_mlops import log_dict, log_metric, log_text
print("a line of the log")
for step in range(3):
    log_metric("loss", 1 / (step + 1), step=step)
log_text("plain text, long enough for a range", "notes/plain.txt")
log_text("<script>alert(1)</script>", "page.html")
log_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image.svg")
log_text("alert(1)", "script.js")
log_dict({"a": 1}, "values.json")
"""
RUN_SECONDS = 60


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    running = JupyterHost(tmp_path_factory.mktemp("server")).wait()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="package")
def run_id(host: JupyterHost) -> str:
    """Return the id of a finished run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    nbformat.write(notebook, host.root / "train.ipynb")
    submitted = host.request("POST", "runs", {"notebook": "train.ipynb"})
    assert submitted.status == 202, submitted.body
    made = str(submitted.json()["run_id"])
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        run = host.request("GET", f"runs/{made}").json()
        if run["status"] not in ("SCHEDULED", "RUNNING"):
            assert run["status"] == "FINISHED", run
            return made
        time.sleep(0.1)
    raise AssertionError(f"The run did not end:\n{host.log}")
