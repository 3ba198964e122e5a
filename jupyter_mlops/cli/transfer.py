"""`jupyter mlops import` and `jupyter mlops export`: what an MLflow store holds, carried here or there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_mlops.cli import connecting, exit_codes
from jupyter_mlops.cli.connecting import named_server
from jupyter_mlops.cli.progress import StepLine
from jupyter_mlops.cli.terminal import say, table
from jupyter_mlops.client import ClientError
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.client.wording import count

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from jupyter_mlops.transfer.destination import Destination
    from jupyter_mlops.transfer.report import Report
    from jupyter_mlops.transfer.source import Source

_LISTED = 20


def add_import_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `import`."""
    parser.add_argument(
        "--from",
        dest="other",
        required=True,
        metavar="WHERE",
        help="the address of an MLflow tracking server, or an mlruns folder",
    )
    _add_options(parser)


def add_export_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `export`."""
    parser.add_argument(
        "--to",
        dest="other",
        required=True,
        metavar="URL",
        help="the address of an MLflow tracking server",
    )
    _add_options(parser)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--experiment",
        action="append",
        default=[],
        metavar="NAME",
        help="carry this experiment only; may be repeated",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be carried, and change nothing"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    connecting.add_options(parser)


def import_(arguments: Namespace) -> int:
    """Carry what an MLflow store holds into the Jupyter server."""
    from jupyter_mlops.transfer import link, places  # noqa: PLC0415 (other commands need none of it)
    from jupyter_mlops.transfer.destination import Destination  # noqa: PLC0415
    from jupyter_mlops.transfer.report import Report  # noqa: PLC0415

    server = named_server(arguments)
    report = Report()
    source = places.source(arguments.other, report)
    here = link.of_jupyter(server.url, server.token)
    here.is_tracking_server()
    return _carry(source, Destination(here), report, arguments)


def export(arguments: Namespace) -> int:
    """Carry what the Jupyter server holds into an MLflow tracking server."""
    from jupyter_mlops.transfer import link, places  # noqa: PLC0415 (other commands need none of it)
    from jupyter_mlops.transfer.destination import Destination  # noqa: PLC0415
    from jupyter_mlops.transfer.report import Report  # noqa: PLC0415
    from jupyter_mlops.transfer.tracking_server import TrackingServer  # noqa: PLC0415

    server = named_server(arguments)
    there = places.server(arguments.other)
    here = link.of_jupyter(server.url, server.token)
    here.is_tracking_server()
    return _carry(TrackingServer(here), Destination(there), Report(), arguments)


def _carry(source: Source, destination: Destination, report: Report, arguments: Namespace) -> int:
    from jupyter_mlops.transfer.moving import move  # noqa: PLC0415 (other commands need none of it)

    line = StepLine()
    try:
        move(
            source,
            destination,
            arguments.experiment,
            report,
            line.shown,
            dry_run=arguments.dry_run,
        )
    except (ClientError, KeyboardInterrupt) as error:
        line.end()
        if isinstance(error, ClientError) and not report.carried and not report.known:
            # Nothing has begun, and what is wrong with the command may not change.
            raise
        _tell(report, arguments, whole=False)
        say("It is not done. Repeat the command: it goes on where it was.")
        raise
    line.end()
    _tell(report, arguments, whole=True)
    return exit_codes.FAILED if report.omissions else exit_codes.OK


def _tell(report: Report, arguments: Namespace, *, whole: bool) -> None:
    said = report.as_json()
    if arguments.json:
        print(json.dumps({"complete": whole and not arguments.dry_run, **said}, indent=2))
        return
    rows = [
        (kind, number, report.known[kind])
        for kind, number in report.carried_by_kind().items()
        if number or report.known[kind]
    ]
    carried = "TO CARRY" if arguments.dry_run else "CARRIED"
    print(table(("", carried, "ALREADY THERE"), rows))
    thrown = [count(number, kind[:-1]) for kind, number in report.in_trash.items()]
    if thrown:
        say(f"left in the trash: {' and '.join(thrown)}")
    if report.under_way:
        say(
            f"{report.under_way} of the runs and logged models had not ended; repeat the command when "
            "they have"
        )
    for omission in report.omissions[:_LISTED]:
        say(f"not carried: {one_line(omission.what)}: {one_line(omission.reason)}")
    more = len(report.omissions) - _LISTED
    if more > 0:
        say(f"and {count(more, 'thing')} more; --json lists them all")
