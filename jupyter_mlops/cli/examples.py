"""`jupyter mlops examples`: a copy of the example notebooks to work with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jupyter_mlops
from jupyter_mlops.cli import exit_codes
from jupyter_mlops.cli.terminal import say
from jupyter_mlops.client import ClientError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("folder", metavar="DIR", help="folder to make, with the notebooks in it")


def examples(arguments: Namespace) -> int:
    """Copy the examples that came with the package to a new or empty folder."""
    target = Path(arguments.folder).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ClientError(f"{target} exists and is not an empty folder.", code="invalid_request")
    shutil.copytree(_source(), target, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for notebook in target.glob("*.ipynb"):
        _adopt(notebook)
    say(f"The examples are in {target}. Open them with: jupyter lab {target}")
    return exit_codes.OK


def _adopt(notebook: Path) -> None:
    """Name this Python in a copy, as JupyterLab does upon opening: the copy then counts as unchanged."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["metadata"]["language_info"]["version"] = sys.version.split()[0]
    text = json.dumps(content, indent=1, ensure_ascii=False)
    notebook.write_text(f"{text}\n", encoding="utf-8")


def _source() -> Path:
    """Return where the examples lie: beside the package in a clone, else as installed data."""
    package = Path(jupyter_mlops.__file__).parent
    for folder in (
        package.parent / "examples",
        Path(sys.prefix, "share", "jupyter_mlops/examples"),
    ):
        if any(folder.glob("*.ipynb")):
            return folder
    raise ClientError("The examples were not installed with this package.", code="not_found")
