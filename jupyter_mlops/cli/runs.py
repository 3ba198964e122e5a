"""Commands over recorded runs: list, show, cancel, log."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from jupyter_mlops.cli import connecting, exit_codes
from jupyter_mlops.cli.connecting import connected
from jupyter_mlops.cli.run_id import run_id_of
from jupyter_mlops.cli.terminal import say, table
from jupyter_mlops.client.answers import TERMINAL
from jupyter_mlops.client.plain_text import one_line, safe
from jupyter_mlops.client.wording import duration, metric, moment, number, outcome, size

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from jupyter_mlops.client.answers import Parameter, Run

STATUSES = ("SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED")
LOG_POLL_SECONDS = 0.5
LOG_PAGE_BYTES = 1 << 18


def add_list_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `runs`."""
    parser.add_argument(
        "--last", type=int, default=20, metavar="N", help="how many, 20 unless said"
    )
    parser.add_argument("--experiment", help="only runs of this experiment")
    parser.add_argument("--status", action="append", choices=STATUSES, default=[])
    parser.add_argument("--search", default=None, metavar="TEXT", help="only runs that mention it")
    parser.add_argument("--json", action="store_true", help="print JSON")
    connecting.add_options(parser)


def add_run_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of a command that is about one run."""
    parser.add_argument("run", metavar="RUN", help="a run's id, the beginning of it, or `last`")
    parser.add_argument("--json", action="store_true", help="print JSON")
    connecting.add_options(parser)


def add_log_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `log`."""
    parser.add_argument("run", metavar="RUN", help="a run's id, the beginning of it, or `last`")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    connecting.add_options(parser)


def list_runs(arguments: Namespace) -> int:
    """Print the newest runs."""
    with connected(arguments) as connection:
        client, wanted = connection.client, arguments.experiment
        page = client.runs(
            experiment_id=None if wanted is None else client.experiment(wanted)["experiment_id"],
            status=arguments.status,
            text=arguments.search,
            limit=arguments.last,
        )
    if arguments.json:
        print(json.dumps(page, indent=2))
        return exit_codes.OK
    rows = [
        (
            run["run_id"][:8],
            run["status"],
            run["name"],
            run["experiment"],
            moment(run["created_at"]),
            duration(run["duration_ms"]),
            metric(run["key_metric"]),
        )
        for run in page["runs"]
    ]
    print(table(("RUN", "STATUS", "NAME", "EXPERIMENT", "CREATED", "TOOK", "METRIC"), rows))
    if page["total"] > len(rows):
        say(f"{len(rows)} of {page['total']} runs; --last {page['total']} shows more")
    return exit_codes.OK


def show(arguments: Namespace) -> int:
    """Print what is recorded of one run."""
    with connected(arguments) as connection:
        client = connection.client
        run = client.run(run_id_of(client, arguments.run))
        files = client.artifacts(run["run_id"])
    if arguments.json:
        print(json.dumps({**run, "artifacts": files}, indent=2))
        return exit_codes.OK
    _print_run(run)
    for file in files:
        print(f"file       {one_line(file['path'])} ({size(file['size'])})")
    return exit_codes.OK


def _print_run(run: Run) -> None:
    facts = [
        ("run", run["run_id"]),
        ("name", run["name"]),
        ("status", outcome(run)),
        ("message", run["message"]),
        ("experiment", run["experiment"]),
        ("notebook", run["notebook"]),
        ("user", run["user"]),
        ("kernel", run["kernel_name"]),
        ("created", moment(run["created_at"])),
        ("took", duration(run["duration_ms"])),
        ("memory", size(run["peak_memory_bytes"])),
    ]
    facts += [("parameter", _parameter(parameter)) for parameter in run["parameters"]]
    facts += [("metric", f"{m['key']} = {number(m['value'])}") for m in run["metrics"]]
    facts += [("tag", f"{t['key']} = {t['value']}") for t in run["tags"]]
    for label, fact in facts:
        if fact:
            print(f"{label:<10} {one_line(fact)}")


def _parameter(parameter: Parameter) -> str:
    mark = " (default)" if parameter["origin"] == "default" else ""
    return f"{parameter['key']} = {json.dumps(parameter['value'])}{mark}"


def cancel(arguments: Namespace) -> int:
    """Ask for a run to stop."""
    with connected(arguments) as connection:
        client = connection.client
        run = client.cancel(run_id_of(client, arguments.run))
        if connection.local:
            # With no server, nobody else would carry the wish to the run.
            run = client.wait(run["run_id"])
    if arguments.json:
        print(json.dumps(run, indent=2))
    else:
        asked = "" if run["status"] in TERMINAL else "was asked to stop, and "
        print(f"{run['run_id'][:8]} {asked}is {run['status']}")
    return exit_codes.OK


def log(arguments: Namespace) -> int:
    """Print the log of a run, on request until it ends."""
    with connected(arguments) as connection:
        client = connection.client
        run_id = run_id_of(client, arguments.run)
        offset = 0
        while True:
            page = client.log(run_id, after=offset, limit=LOG_PAGE_BYTES)
            sys.stdout.write(safe(page["text"]))
            sys.stdout.flush()
            moved = page["next_offset"] > offset
            offset = page["next_offset"]
            if moved and offset < page["size"]:
                continue
            if page["complete"] or not arguments.follow:
                return exit_codes.OK
            time.sleep(LOG_POLL_SECONDS)
