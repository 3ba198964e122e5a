"""The trash: list the runs in it, or delete all of them for good."""

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
    from jupyter_mlops.client.answers import Purged


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `trash`."""
    parser.add_argument(
        "--last", type=int, default=20, metavar="N", help="how many to list, 20 unless said"
    )
    parser.add_argument(
        "--empty", action="store_true", help="delete all of them permanently, with their files"
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
    total = client.runs(deleted=True, limit=1)["total"]
    if total and not arguments.yes and not _is_sure(total):
        say("nothing was deleted")
        return exit_codes.BAD_INPUT
    done = _purge(client)
    if arguments.json:
        print(json.dumps(done, indent=2))
    else:
        print(
            f"{count(done['runs'], 'run')} deleted permanently, {size(done['bytes_freed'])} freed"
        )
        if done["remaining"]:
            say(
                f"{count(done['remaining'], 'run')} could not be deleted; the server's log says why"
            )
    return exit_codes.FAILED if done["remaining"] else exit_codes.OK


def _is_sure(total: int) -> bool:
    say(
        f"{count(total, 'run')} will be deleted permanently, with their files. This cannot be undone."
    )
    return is_confirmed("Delete?")


def _purge(client: Client) -> Purged:
    """Ask until nothing is left, or nothing more goes."""
    runs = freed = 0
    while True:
        try:
            done = client.empty_trash()
        except ClientError:
            if runs:
                # What stands in the way is told next; this is done and cannot be taken back.
                say(f"{count(runs, 'run')} deleted permanently, {size(freed)} freed")
            raise
        runs += done["runs"]
        freed += done["bytes_freed"]
        if done["remaining"] == 0 or done["runs"] == 0:
            return {"runs": runs, "bytes_freed": freed, "remaining": done["remaining"]}
