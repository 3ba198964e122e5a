"""A run that has ended and left every kind of record."""

from __future__ import annotations

import time

import nbformat

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


def finished_run(host: JupyterHost) -> str:
    """Run ``train.ipynb`` on ``host`` to its end and return the run's id."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    nbformat.write(notebook, host.root / "train.ipynb")
    submitted = host.request("POST", "runs", {"notebook": "train.ipynb"})
    assert submitted.status == 202, submitted.body
    run_id = str(submitted.json()["run_id"])
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        run = host.request("GET", f"runs/{run_id}").json()
        if run["status"] not in ("SCHEDULED", "RUNNING"):
            assert run["status"] == "FINISHED", run
            return run_id
        time.sleep(0.1)
    raise AssertionError(f"The run did not end:\n{host.log}")
