"""The peers, in an environment of their own, so that they meet none of our packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "peers"
PACKAGES = (
    "ipykernel",
    "jupyter-scheduler>=2.11",
    "jupyterlab>=4.5.10",
    "mlflow>=3.17",
    "papermill>=2.6",
)


_SHOWN = ("papermill", "jupyter-scheduler", "jupyterlab", "mlflow")


def python() -> str:
    """Return the interpreter that has the peers, made and filled when these change."""
    interpreter = FOLDER / "bin" / "python"
    filled = FOLDER / "filled-with"
    wanted = "\n".join(PACKAGES)
    if not filled.exists() or filled.read_text() != wanted:
        sys.stdout.write("Installing the peers …\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        install = [str(interpreter), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(install, check=True)
        filled.write_text(wanted)
    return str(interpreter)


def versions() -> str:
    """Return which peers are measured, with their versions."""
    ask = "import sys\nfrom importlib.metadata import version\nfor name in sys.argv[1:]: print(name, version(name))"
    answer = subprocess.run(
        [python(), "-c", ask, *_SHOWN], check=True, capture_output=True, text=True
    )
    return ", ".join(answer.stdout.splitlines())
