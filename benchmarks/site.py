"""A core over fresh folders, and the notebooks that are run in it and by the peers."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks import peers
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.runs import TERMINAL, NewRun, Run, RunStatus
from jupyter_mlops.settings import Settings

LOOK_SECONDS = 0.005


class Site:
    """A root folder, a home and an open core whose launcher is warm."""

    def __init__(self, concurrency: int = 2) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mlops-bench-")
        self.folder = Path(self._folder.name)
        self.root = self.folder / "root"
        self.root.mkdir()
        self.home = self.folder / "home"
        self._core = Core(Settings(root=self.root, home=self.home, concurrency=concurrency))
        self._core.start()
        self._core.check()
        self._core.warm()
        self._actor = owner("bench")
        self._write("warm-up", ["pass"])
        self.run("warm-up")

    def _write(self, name: str, sources: list[str], markdown: int = 0) -> str:
        cells = [new_code_cell(source) for source in sources]
        cells += [new_markdown_cell(f"Text {index}") for index in range(markdown)]
        kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = new_notebook(cells=cells, metadata={"kernelspec": kernelspec})
        nbformat.write(book, self.root / f"{name}.ipynb")
        return name

    def trivial(self) -> str:
        """One cell that prints."""
        return self._write("trivial", ["print('hello')"])

    def hundred_cells(self) -> str:
        """100 code cells and 100 Markdown cells."""
        return self._write("hundred", [f"print({index})" for index in range(100)], markdown=100)

    def figures(self) -> str:
        """30 cells, each showing one prepared image of 1 MB."""
        picture = base64.b64encode(os.urandom(1_000_000)).decode()
        (self.root / "picture.txt").write_text(picture)
        first = (
            "from IPython.display import publish_display_data\npicture = open('picture.txt').read()"
        )
        one = "publish_display_data({'image/png': picture})"
        return self._write("figures", [first, *[one] * 30])

    def lines(self) -> str:
        """200,000 printed lines, each flushed."""
        return self._write(
            "lines", ["for line in range(200_000):\n    print('line', line, flush=True)"]
        )

    def updates(self) -> str:
        """50,000 progress updates that overwrite each other."""
        return self._write(
            "updates",
            ["for step in range(50_000):\n    print(f'\\r{step} of 50000', end='', flush=True)"],
        )

    def submit(self, name: str, kernel_name: str | None = None) -> str:
        """Queue a run and return its id."""
        new = NewRun(notebook=f"{name}.ipynb", kernel_name=kernel_name)
        return self._core.services.runs.submit(self._actor, new, None).run_id

    def wait(self, *run_ids: str) -> list[Run]:
        """Return the runs once all have ended; a run that did not finish is an error."""
        runs = []
        for run_id in run_ids:
            while (run := self._core.services.runs.get(self._actor, run_id)).status not in TERMINAL:
                time.sleep(LOOK_SECONDS)
            if run.status is not RunStatus.FINISHED:
                raise RuntimeError(f"{run.name} is {run.status.value}: {run.message}")
            runs.append(run)
        return runs

    def run(self, name: str, kernel_name: str | None = None) -> Run:
        """Run a notebook from the request to its end."""
        return self.wait(self.submit(name, kernel_name))[0]

    def papermill(self, name: str, kernel_name: str | None = None) -> subprocess.Popen[bytes]:
        """Start the papermill command line on the same notebook."""
        command = [peers.python(), "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR"]
        if kernel_name is not None:
            command += ["--kernel", kernel_name]
        command += [str(self.root / f"{name}.ipynb"), str(self.folder / "papermill.ipynb")]
        # The peers look for kernels among ours too, so that both run the same one.
        environment = {**os.environ, "JUPYTER_PATH": f"{sys.prefix}/share/jupyter"}
        return subprocess.Popen(command, cwd=self.root, env=environment, stderr=subprocess.DEVNULL)

    def close(self) -> None:
        """Close the core and remove the folders."""
        self._core.close()
        self._folder.cleanup()
