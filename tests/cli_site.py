"""The command line and kernels beside a real server, or where no server runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.identities import OWNER
from tests.jupyter_host import JupyterHost

# The server as users have it: one token, everything allowed.
PLAIN_IDENTITY = (
    "c.ServerApp.identity_provider_class = 'jupyter_server.auth.IdentityProvider'\n"
    "c.ServerApp.authorizer_class = 'jupyter_server.auth.AllowAllAuthorizer'\n"
    f"c.IdentityProvider.token = {OWNER!r}\n"
)


class Site:
    """A folder with notebooks, and commands run in it; ``host`` only if a server is wanted.

    ``config`` is added to the configuration of the server.
    """

    def __init__(self, folder: Path, *, serve: bool, config: str = "") -> None:
        self.folder = folder
        self.root = folder / "root"
        self.home = folder / "home"
        self.root.mkdir(parents=True, exist_ok=True)
        self.host = JupyterHost(folder, config=PLAIN_IDENTITY + config) if serve else None
        if self.host is not None:
            self.host.wait()

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a user of this site."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("J")}
        return kept | {
            "JMLOPS_HOME": str(self.home),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "COLUMNS": "100",
            **more,
        }

    def notebook(self, path: str, parameters: str, *cells: str) -> str:
        """Write a notebook with a parameters cell; return its path."""
        book = new_notebook(
            cells=[
                new_code_cell(parameters, metadata={"tags": ["parameters"]}),
                *(new_code_cell(source) for source in cells),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        )
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, target)
        return path

    def mlops(self, *arguments: str, where: Path | None = None, **more: str) -> Done:
        """Run one command in the root folder, or elsewhere, to its end."""
        process = self.start(*arguments, where=where, **more)
        try:
            output, told = process.communicate(timeout=90)
        finally:
            process.kill()
        return Done(process.returncode, output, told)

    def start(
        self, *arguments: str, where: Path | None = None, **more: str
    ) -> subprocess.Popen[str]:
        """Start one command."""
        return subprocess.Popen(
            [sys.executable, "-m", "jupyter_mlops.cli", *arguments],
            cwd=where or self.root,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """Stop the server, if there is one."""
        if self.host is not None:
            assert self.host.stop() == 0


class Done:
    """How a command ended: exit code, its result, and what it told besides."""

    def __init__(self, code: int, output: str, told: str) -> None:
        self.code = code
        self.output = output
        self.told = told
