"""`jupyter mlops run`: submit a notebook, and on request wait for its end."""

from __future__ import annotations

import getpass
import json
import sys
import time
from argparse import BooleanOptionalAction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.cli import connecting, exit_codes
from jupyter_mlops.cli.connecting import Connection, connected
from jupyter_mlops.cli.progress import ProgressLine
from jupyter_mlops.cli.terminal import say
from jupyter_mlops.client import ClientError
from jupyter_mlops.client.answers import TERMINAL
from jupyter_mlops.client.contents_path import contents_path, optional_path
from jupyter_mlops.client.dashed_values import unshielded
from jupyter_mlops.client.parameter_text import from_text
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.client.wording import duration, number, outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from jupyter_mlops.client.answers import Run

PAIRS = ("-p", "--parameter", "--tag")
SECOND_CHANCE_SECONDS = 3.0


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("notebook", help="path of the notebook")
    parser.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        type=unshielded,
        action="append",
        default=[],
        metavar=("KEY", "VALUE"),
        help="set a parameter; may be repeated",
    )
    parser.add_argument(
        "--ask",
        action="append",
        default=[],
        metavar="KEY",
        help="ask for the value of a parameter without showing it, for secrets",
    )
    parser.add_argument("--experiment", help="experiment of the run, made if it does not exist")
    parser.add_argument("--name", help="name of the run")
    parser.add_argument("--kernel", help="kernelspec to run it with; see `jupyter mlops kernels`")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="stop it after this")
    copy = parser.add_mutually_exclusive_group()
    copy.add_argument("--save-to", metavar="PATH", help="also save the executed notebook here")
    copy.add_argument(
        "--save-to-folder",
        metavar="FOLDER",
        help="or in this folder, under a name that is free; made if it is missing",
    )
    parser.add_argument(
        "--tag",
        nargs=2,
        type=unshielded,
        action="append",
        default=[],
        metavar=("KEY", "VALUE"),
        help="set a tag",
    )
    parser.add_argument(
        "--autolog",
        action=BooleanOptionalAction,
        help="let MLflow log training by itself, or not; without this, as you prefer in JupyterLab",
    )
    parser.add_argument("--wait", action="store_true", help="wait until the run has ended")
    parser.add_argument("--json", action="store_true", help="print the run as JSON")
    connecting.add_options(parser)


def run(arguments: Namespace) -> int:
    """Submit the notebook and report; returns the exit code."""
    near = None if arguments.server else Path(arguments.notebook).expanduser().absolute()
    with connected(arguments, near) as connection:
        submitted = _submit(connection, arguments)
        if not arguments.json:
            say(f"Run {submitted['run_id']} ({one_line(submitted['name'])}), {connection.address}")
        if arguments.wait:
            return _wait(connection, submitted["run_id"], as_json=arguments.json)
        if connection.local:
            submitted = _until_started(connection, submitted)
        if arguments.json:
            print(json.dumps(submitted, indent=2))
    return exit_codes.OK


def _submit(connection: Connection, arguments: Namespace) -> Run:
    client, root = connection.client, connection.root
    notebook = contents_path(arguments.notebook, root)
    parameters: dict[str, Any] = {}
    if arguments.parameter:
        parameters = from_text(client.inspect(notebook), arguments.parameter)
    for key in arguments.ask:
        parameters[key] = getpass.getpass(f"{one_line(key)}: ")
    return client.submit(
        notebook,
        parameters,
        experiment=arguments.experiment,
        name=arguments.name,
        kernel_name=arguments.kernel,
        time_limit=arguments.time_limit,
        save_to=optional_path(arguments.save_to, root, field="save_to"),
        save_to_folder=optional_path(arguments.save_to_folder, root, field="save_to_folder"),
        tags=dict(arguments.tag),
        autolog=arguments.autolog,
    )


def _until_started(connection: Connection, submitted: Run) -> Run:
    """Stay until the run has left the queue: with no server, nobody else would start it."""
    run = submitted
    for run in connection.client.watch(submitted["run_id"]):
        if run["status"] != "SCHEDULED":
            break
    if run["status"] not in TERMINAL:
        say("The run goes on; it is recorded when a server, or a command like this, looks next.")
    return run


def _wait(connection: Connection, run_id: str, *, as_json: bool) -> int:
    line = ProgressLine()
    try:
        run = _follow(connection, run_id, line)
    except KeyboardInterrupt:
        if not _cancel_is_wanted():
            say(f"The run goes on. Follow it with: jupyter mlops log -f {run_id[:8]}")
            return exit_codes.INTERRUPTED
        say("Cancelling the run…")
        try:
            connection.client.cancel(run_id)
        except ClientError as error:
            # It ended while its user was asked: what it came to is the answer.
            if error.code != "conflict":
                raise
        run = _follow(connection, run_id, line)
    if as_json:
        print(json.dumps(run, indent=2))
    else:
        _report(run)
    return exit_codes.of_run(run)


def _follow(connection: Connection, run_id: str, line: ProgressLine) -> Run:
    try:
        *_, last = map(line.shown, connection.client.watch(run_id))
    finally:
        line.end()
    return last


def _cancel_is_wanted() -> bool:
    try:
        # Within the `try`: whoever presses at once, on reading it, means it too.
        say(f"Press Ctrl-C again within {SECOND_CHANCE_SECONDS:.0f} s to cancel the run.")
        time.sleep(SECOND_CHANCE_SECONDS)
    except KeyboardInterrupt:
        return True
    return False


def _report(run: Run) -> None:
    print(f"{outcome(run)} after {duration(run['duration_ms']) or 'no time'}")
    for metric in run["metrics"]:
        print(f"  {one_line(metric['key'])}: {number(metric['value'])}")
    if run["status"] == "FINISHED":
        return
    failing = run["progress"]["failing_cell"]
    if run["message"]:
        where = "" if failing is None else f"cell {failing + 1}: "
        print(f"  {where}{one_line(run['message'])}", file=sys.stderr)
    say(f"  More: jupyter mlops log {run['run_id'][:8]}")
