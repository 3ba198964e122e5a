"""`jupyter mlops kernels`: what a notebook can run with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_mlops.cli import connecting, exit_codes
from jupyter_mlops.cli.connecting import connected
from jupyter_mlops.cli.terminal import table
from jupyter_mlops.client.plain_text import one_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--check", metavar="KERNEL", help="start this kernel and see if it answers")
    parser.add_argument("--json", action="store_true", help="print JSON")
    connecting.add_options(parser)


def kernels(arguments: Namespace) -> int:
    """Print the installed kernels, or the outcome of a check."""
    with connected(arguments) as connection:
        if arguments.check is not None:
            check = connection.client.check_kernel(arguments.check)
            told = one_line(check["message"])
            print(json.dumps(check, indent=2) if arguments.json else told)
            return exit_codes.OK if check["ok"] else exit_codes.FAILED
        found = connection.client.kernels()
    if arguments.json:
        print(json.dumps(found, indent=2))
        return exit_codes.OK
    rows = [
        (each["name"], each["language"], each["display_name"], each["interpreter"])
        for each in found
    ]
    print(table(("KERNEL", "LANGUAGE", "NAME", "INTERPRETER"), rows))
    return exit_codes.OK
