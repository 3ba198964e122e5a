"""The `%mlops` magic: a thin skin on the public functions `status`, `run` and `runs`.

Nothing that goes wrong in it stops the user's code: the reason is printed, and None returned.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.magic import Magics, line_magic, magics_class

from jupyter_mlops.client import ClientError
from jupyter_mlops.client.dashed_values import shielded, unshielded
from jupyter_mlops.kernel import orders
from jupyter_mlops.kernel.completion import complete

if TYPE_CHECKING:
    from types import SimpleNamespace

    from IPython.core.interactiveshell import InteractiveShell


# `found = %mlops runs`: IPython looks for completers by the first word of a line, or by a pattern.
_ASSIGNED = re.compile(r".*=\s*%mlops\s")


class _UsageError(Exception):
    """The line of the magic cannot be read; the text says why."""


class _HelpShownError(Exception):
    """The user asked for help, which is printed by now."""


class _Parser(argparse.ArgumentParser):
    """A parser that never ends the process, which here is the user's kernel."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}; try {self.prog} --help")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _HelpShownError


def _parser() -> argparse.ArgumentParser:
    whole = _Parser(
        prog="%mlops",
        description="Run notebooks and look at runs; without a command, tell how things stand.",
    )
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    run = commands.add_parser("run", help="run a notebook with parameters")
    run.add_argument("notebook", help="path of the notebook")
    run.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        type=unshielded,
        action="append",
        default=[],
        metavar=("KEY", "VALUE"),
        help="set a parameter; may be repeated, and {name} stands for a variable of yours",
    )
    run.add_argument("--experiment", help="experiment of the run, made if it does not exist")
    run.add_argument("--name", help="name of the run")
    run.add_argument("--kernel", help="kernelspec to run it with")
    run.add_argument("--time-limit", type=float, metavar="SECONDS", help="stop it after this")
    copy = run.add_mutually_exclusive_group()
    copy.add_argument("--save-to", metavar="PATH", help="also save the executed notebook here")
    copy.add_argument(
        "--save-to-folder",
        metavar="FOLDER",
        help="or in this folder, under a name that is free; made if it is missing",
    )
    run.add_argument(
        "--autolog",
        action=argparse.BooleanOptionalAction,
        help="let MLflow log training by itself, or not; without this, as you prefer in JupyterLab",
    )
    run.add_argument("--wait", action="store_true", help="wait until the run has ended")
    runs = commands.add_parser("runs", help="list the newest runs")
    runs.add_argument("--last", type=int, default=10, metavar="N", help="how many, 10 unless said")
    runs.add_argument("--experiment", help="only runs of this experiment")
    return whole


@magics_class
class MlopsMagics(Magics):
    """The magics of the package."""

    @line_magic
    def mlops(self, line: str) -> Any:
        """Run notebooks and look at runs: `%mlops`, `%mlops run nb.ipynb -p alpha 0.1`, `%mlops runs`."""
        try:
            words = shielded(shlex.split(line), ("-p", "--parameter"))
            return _perform(_parser().parse_args(words))
        except _HelpShownError:
            return None
        except (ClientError, _UsageError, ValueError) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 (a fault of ours must not stop a user's notebook)
            reason = f"{type(error).__name__}: {error}"
        sys.stderr.write(f"mlops: {reason}\n")
        return None


def _perform(arguments: argparse.Namespace) -> Any:
    if arguments.command == "run":
        given = arguments.parameter
        return orders.run(
            arguments.notebook,
            orders.parameters_from_text(arguments.notebook, given) if given else None,
            experiment=arguments.experiment,
            name=arguments.name,
            kernel_name=arguments.kernel,
            time_limit=arguments.time_limit,
            save_to=arguments.save_to,
            save_to_folder=arguments.save_to_folder,
            autolog=arguments.autolog,
            wait=arguments.wait,
        )
    if arguments.command == "runs":
        return orders.runs(arguments.last, arguments.experiment)
    return orders.status()


def _completer(shell: InteractiveShell, event: SimpleNamespace) -> list[str]:
    return complete(event.text_until_cursor)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics and their completion with an IPython shell."""
    shell.register_magics(MlopsMagics)
    for key in ({"str_key": "%mlops"}, {"re_key": _ASSIGNED}):
        shell.set_hook("complete_command", _completer, **key)  # type: ignore[no-untyped-call]
