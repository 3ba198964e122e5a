"""A real Jupyter server over fresh folders on the disk of the checkout, and the notebooks it runs."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks import peers
from benchmarks.disk import folder_on_disk
from benchmarks.jupyter import JupyterServer

LOOK_SECONDS = 0.01
ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})


class Workspace:
    """A root folder, notebooks in it, and a server with our extension whose launcher is warm."""

    def __init__(self) -> None:
        self._folder = folder_on_disk()
        self.folder = Path(self._folder.name)
        self.root = self.folder / "root"
        self.root.mkdir()
        self.server = JupyterServer(self.root, {"jupyter_mlops": True})
        try:
            self.server.wait_for_store()
            self._write("warm-up", ["pass"])
            self.run("warm-up")
        except BaseException:
            self.close()
            raise

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

    def run(self, name: str, kernel_name: str | None = None) -> dict[str, Any]:
        """Run a notebook from the request to its end; one that does not finish is an error."""
        new = {"notebook": f"{name}.ipynb", "kernel_name": kernel_name}
        path = f"mlops/api/runs/{self.server.ask('POST', 'mlops/api/runs', new)['run_id']}"
        while (run := self.server.ask("GET", path))["status"] not in ENDED:
            time.sleep(LOOK_SECONDS)
        if run["status"] != "FINISHED":
            raise RuntimeError(f"{name} is {run['status']}: {run['message']}")
        return dict(run)

    def papermill(self, name: str, kernel_name: str | None = None) -> int:
        """Run the papermill command line on the same notebook; returns its exit code."""
        command = [peers.python(), "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR"]
        if kernel_name is not None:
            command += ["--kernel", kernel_name]
        command += [str(self.root / f"{name}.ipynb"), str(self.folder / "papermill.ipynb")]
        # The peers look for kernels among ours too, so that both run the same one.
        environment = {**os.environ, "JUPYTER_PATH": f"{sys.prefix}/share/jupyter"}
        return subprocess.run(
            command, cwd=self.root, env=environment, stderr=subprocess.DEVNULL, check=False
        ).returncode

    def close(self) -> None:
        """Stop the server and remove the folders."""
        self.server.close()
        self._folder.cleanup()
