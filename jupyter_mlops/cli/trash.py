"""The trash: list the runs in it, or delete all that is in it for good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_mlops.cli import connecting, exit_codes
from jupyter_mlops.cli.connecting import connected
from jupyter_mlops.cli.terminal import is_confirmed, say, table
from jupyter_mlops.client import ClientError
from jupyter_mlops.client.wording import count, moment, size

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from jupyter_mlops.client import Client
    from jupyter_mlops.client.answers import Purged, TrashContents


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `trash`."""
    parser.add_argument(
        "--last", type=int, default=20, metavar="N", help="how many to list, 20 unless said"
    )
    parser.add_argument(
        "--empty", action="store_true", help="delete all that is in it permanently, with all files"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before that")
    parser.add_argument("--json", action="store_true", help="print JSON")
    connecting.add_options(parser)


def trash(arguments: Namespace) -> int:
    """List the runs in the trash, or empty it."""
    with connected(arguments) as connection:
        if arguments.empty:
            return _empty(connection.client, arguments)
        return _list(connection.client, arguments)


def _list(client: Client, arguments: Namespace) -> int:
    page = client.runs(deleted=True, limit=arguments.last)
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
            moment(run["deleted_at"]),
        )
        for run in page["runs"]
    ]
    print(table(("RUN", "STATUS", "NAME", "EXPERIMENT", "CREATED", "DELETED"), rows))
    if page["total"] > len(rows):
        say(f"{len(rows)} of {page['total']} runs; --last {page['total']} shows more")
    return exit_codes.OK


def _empty(client: Client, arguments: Namespace) -> int:
    there = client.trash()
    if _named(there) and not arguments.yes and not _is_sure(there):
        say("nothing was deleted")
        return exit_codes.BAD_INPUT
    done = _purge(client)
    if arguments.json:
        print(json.dumps(done, indent=2))
    else:
        print(_told(done))
        if done["remaining"]:
            say(
                f"{count(done['remaining'], 'run')} could not be deleted; the server's log says why"
            )
    return exit_codes.FAILED if done["remaining"] else exit_codes.OK


def _named(numbers: TrashContents | Purged) -> str:
    """Return how much of each kind there is, in words; an empty text for nothing."""
    kinds = (
        (numbers["runs"], "run"),
        (numbers["experiments"], "experiment"),
        (numbers["logged_models"], "logged model"),
    )
    return ", ".join(count(number, kind) for number, kind in kinds if number)


def _told(done: Purged) -> str:
    gone = _named(done) or count(0, "run")
    return f"{gone} deleted permanently, {size(done['bytes_freed'])} freed"


def _is_sure(there: TrashContents) -> bool:
    say(f"{_named(there)} will be deleted permanently, with all files. This cannot be undone.")
    return is_confirmed("Delete?")


def _purge(client: Client) -> Purged:
    """Ask until nothing is left, or nothing more goes."""
    all_done: Purged = {
        "runs": 0,
        "experiments": 0,
        "logged_models": 0,
        "bytes_freed": 0,
        "remaining": 0,
    }
    while True:
        try:
            done = client.empty_trash()
        except ClientError:
            if _named(all_done):
                # What stands in the way is told next; this is done and cannot be taken back.
                say(_told(all_done))
            raise
        all_done["runs"] += done["runs"]
        all_done["experiments"] += done["experiments"]
        all_done["logged_models"] += done["logged_models"]
        all_done["bytes_freed"] += done["bytes_freed"]
        all_done["remaining"] = done["remaining"]
        if not _named(done) or not _named(client.trash()):
            return all_done
