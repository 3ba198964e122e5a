"""A virtual environment of its own, in which the wheel is installed and used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


class Environment:
    """A virtual environment in ``folder``, made by the interpreter ``python``."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)

    def variables(self, **more: str) -> dict[str, str]:
        """Return the environment of a user who activated it, with folders of its own."""
        kept = {
            name: text for name, text in os.environ.items() if name[:2] not in ("JU", "JM", "PY")
        }
        state = self.folder / "state"
        return kept | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "VIRTUAL_ENV": str(self.folder),
            "JMLOPS_HOME": str(state / "home"),
            "JUPYTER_CONFIG_DIR": str(state / "config"),
            "JUPYTER_DATA_DIR": str(state / "data"),
            "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
            "IPYTHONDIR": str(state / "ipython"),
            **more,
        }

    def install(self, *what: str) -> None:
        """Install into it with the pip of the tests."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "--quiet"]
        done = subprocess.run([*pip, *what], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run a program of the environment to its good end; return what it printed."""
        done = subprocess.run(
            [self.folder / "bin" / arguments[0], *arguments[1:]],
            cwd=cwd or self.folder,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
