"""`jupyter mlops …`: thin commands over the client."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from jupyter_mlops import __version__
from jupyter_mlops.cli import (
    backups,
    check,
    doctor,
    examples,
    exit_codes,
    kernels,
    notebooks,
    run,
    runs,
    transfer,
    trash,
)
from jupyter_mlops.cli.terminal import say
from jupyter_mlops.client import ClientError
from jupyter_mlops.client.dashed_values import shielded
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.home import NoHomeFolder

COMMANDS = (
    ("run", "run a notebook with parameters", run.add_arguments, run.run),
    ("runs", "list the newest runs", runs.add_list_arguments, runs.list_runs),
    ("show", "show what is recorded of a run", runs.add_run_arguments, runs.show),
    ("log", "print the log of a run", runs.add_log_arguments, runs.log),
    ("cancel", "stop a run", runs.add_run_arguments, runs.cancel),
    ("trash", "list deleted runs, or empty the trash", trash.add_arguments, trash.trash),
    ("params", "show what a notebook takes", notebooks.add_arguments, notebooks.parameters),
    ("kernels", "list what notebooks can run with", kernels.add_arguments, kernels.kernels),
    (
        "import",
        "carry over what an MLflow store holds",
        transfer.add_import_arguments,
        transfer.import_,
    ),
    ("export", "carry over to an MLflow server", transfer.add_export_arguments, transfer.export),
    ("backup", "copy the store, also while it is in use", backups.add_arguments, backups.backup),
    ("restore", "go back to a backup", backups.add_restore_arguments, backups.restore),
    ("check", "read the store and its files for damage", check.add_arguments, check.check),
    ("doctor", "look for what stands in the way", doctor.add_arguments, doctor.doctor),
    ("examples", "copy the example notebooks", examples.add_arguments, examples.examples),
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = argparse.ArgumentParser(
        prog="jupyter mlops",
        description="Run notebooks, and look at their runs, from the command line.",
        epilog=exit_codes.HELP,
    )
    whole.add_argument("--version", action="version", version=__version__)
    subparsers = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary, add_arguments, command in COMMANDS:
        each = subparsers.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=exit_codes.HELP,
        )
        add_arguments(each)
        each.set_defaults(command=command)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `cli.exit_codes` says what it means."""
    words = sys.argv[1:] if argv is None else argv
    arguments = parser().parse_args(shielded(words, run.PAIRS))
    try:
        return int(arguments.command(arguments))
    except NoHomeFolder as error:
        say(f"jupyter mlops: {error}")
        return exit_codes.UNAVAILABLE
    except ClientError as error:
        # The server's sentence often begins with the field already.
        field = (error.field or "").removeprefix("parameters.")
        named = error.message.startswith(field)
        say(f"jupyter mlops: {'' if named else f'{one_line(field)}: '}{one_line(error.message)}")
        return exit_codes.of_error(error)
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        # `jupyter mlops log … | head`: nobody reads on, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.OK
