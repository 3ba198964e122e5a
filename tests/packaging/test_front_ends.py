"""The oldest front ends that are promised: a notebook is run from its toolbar in a real browser."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.packaging.conftest import ROOT
from tests.packaging.environments import Environment
from tests.packaging.served import TOKEN, free_port, wait

START_SECONDS = 90


def write_notebook(path: Path) -> None:
    parameters = new_code_cell("steps = 3", metadata={"tags": ["parameters"]})
    logging = "from jupyter_mlops import log_metric\nfor step in range(steps):\n    "
    nbformat.write(
        new_notebook(
            cells=[parameters, new_code_cell(logging + "log_metric('loss', 1 / (step + 1), step)")],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        ),
        path,
    )


@contextmanager
def served(environment: Environment, application: str, root: Path) -> Iterator[str]:
    """Serve a folder with the application of the environment; give its address."""
    port = free_port()
    with (environment.folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                environment.folder / "bin" / "jupyter",
                application,
                "--no-browser",
                "--allow-root",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={TOKEN}",
                f"--ServerApp.root_dir={root}",
            ],
            env=environment.variables(),
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://localhost:{port}"
            wait(address, process, START_SECONDS)
            yield address
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("package", "application", "page"),
    [
        ("jupyterlab==4.5.10", "lab", "lab/tree/train.ipynb"),
        ("notebook>=7.5.6,<7.6", "notebook", "notebooks/train.ipynb"),
    ],
)
def test_a_notebook_is_run_from_the_toolbar_of(
    package: str,
    application: str,
    page: str,
    wheel: Path,
    new_environment: Callable[..., Environment],
    tmp_path: Path,
) -> None:
    environment = new_environment()
    environment.install(str(wheel), package)
    root = tmp_path / "root"
    root.mkdir()
    write_notebook(root / "train.ipynb")
    with served(environment, application, root) as address:
        picture = tmp_path / "fault.png"
        journey = subprocess.run(
            ["node", "front_end_smoke.js", f"{address}/{page}?token={TOKEN}", str(picture)],
            cwd=ROOT / "ui-tests",
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
    assert journey.returncode == 0, f"{journey.stderr}\nwhat was seen: {picture}"
