"""The peers, in an environment of their own, so that they meet none of our packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "peers"
PACKAGES = ("ipykernel", "jupyter-scheduler>=2.11", "jupyterlab>=4.5.10", "papermill>=2.6")


def python() -> str:
    """Return the interpreter that has the peers, made and filled at the first call."""
    interpreter = FOLDER / "bin" / "python"
    ready = FOLDER / "ready"
    if not ready.exists():
        sys.stdout.write("Installing the peers …\n")
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        install = [str(interpreter), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(install, check=True)
        ready.touch()
    return str(interpreter)
