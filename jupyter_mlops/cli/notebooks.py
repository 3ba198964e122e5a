"""`jupyter mlops params`: what a notebook takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.cli import connecting, exit_codes
from jupyter_mlops.cli.connecting import connected
from jupyter_mlops.cli.terminal import say, table
from jupyter_mlops.client.contents_path import contents_path
from jupyter_mlops.client.plain_text import one_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from jupyter_mlops.client.answers import ParameterSpec


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("notebook", help="path of the notebook")
    parser.add_argument("--json", action="store_true", help="print JSON")
    connecting.add_options(parser)


def parameters(arguments: Namespace) -> int:
    """Print the parameters of a notebook."""
    near = None if arguments.server else Path(arguments.notebook).expanduser().absolute()
    with connected(arguments, near) as connection:
        path = contents_path(arguments.notebook, connection.root)
        inspection = connection.client.inspect(path)
    if arguments.json:
        print(json.dumps(inspection, indent=2))
        return exit_codes.OK
    rows = [
        (each["key"], each["type"], _default(each), each["help"])
        for each in inspection["parameters"]
    ]
    if rows:
        print(table(("KEY", "TYPE", "DEFAULT", "HELP"), rows))
    elif inspection["reads_parameters"]:
        say("The parameters cell of this notebook sets no parameters.")
    elif not inspection["has_parameters_cell"]:
        say("This notebook has no cell tagged `parameters`.")
    for warning in inspection["warnings"]:
        say(f"note: {one_line(warning)}")
    return exit_codes.OK


def _default(parameter: ParameterSpec) -> str:
    if parameter["secret"]:
        return "(secret)"
    if parameter["required"]:
        return "(required)"
    return parameter["source"] or "(not shown)"
