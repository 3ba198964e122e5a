"""`jupyter mlops check`: whether the store and its files are still what was stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.cli import exit_codes, home_option
from jupyter_mlops.cli.backups import say_where_records_are
from jupyter_mlops.cli.connecting import refusals
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.client.wording import count, size

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="check this backup instead of the store"
    )
    home_option.add(parser)


def check(arguments: Namespace) -> int:
    """Print what was looked at; the exit code is 1 when something is damaged or missing."""
    from jupyter_mlops.bootstrap import check_home  # noqa: PLC0415 (other commands need no core)

    home = home_option.home_of(arguments)
    if arguments.file is None:
        say_where_records_are(home)
    with refusals():
        found = check_home(home, arguments.file)
    for fault in found.faults:
        print(f"wrong {one_line(fault)}")
    looked = f"{count(found.runs, 'run')}, {count(found.files, 'file')} ({size(found.bytes)})"
    if found.faults:
        print(f"{count(len(found.faults), 'fault')} in {looked}")
        return exit_codes.FAILED
    print(f"ok    {looked}: all is as it was stored")
    return exit_codes.OK
