"""`jupyter mlops backup` and `jupyter mlops restore`: the store copied, and a copy put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.cli import exit_codes, home_option
from jupyter_mlops.cli.connecting import refusals
from jupyter_mlops.cli.terminal import is_confirmed, say
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.client.wording import count, moment, size

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from jupyter_mlops.domain.backups import RestorePlan

_LISTED = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `backup`."""
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="the file to make, or a folder to put it into; by default the folder backups of the home",
    )
    home_option.add(parser)


def add_restore_arguments(parser: ArgumentParser) -> None:
    """Describe the command line of `restore`."""
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="the backup; by default the newest one in the folder backups that is sound",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before it is done")
    home_option.add(parser)


def backup(arguments: Namespace) -> int:
    """Make a backup and print its path."""
    from jupyter_mlops.bootstrap import backups_of  # noqa: PLC0415 (other commands need no core)

    home = home_option.home_of(arguments)
    say_where_records_are(home)
    with refusals():
        made = backups_of(home).make(arguments.file)
    print(made.path)
    say(
        f"{count(made.runs, 'run')}, {size(made.size)}, checked. Files of runs are not in it: "
        f"they stay in {home / 'artifacts'}."
    )
    return exit_codes.OK


def restore(arguments: Namespace) -> int:
    """Say what would be put back and what that costs, ask, and do it."""
    from jupyter_mlops.bootstrap import backups_of  # noqa: PLC0415 (other commands need no core)

    home = home_option.home_of(arguments)
    say_where_records_are(home)
    backups = backups_of(home)
    with refusals():
        plan = backups.plan(arguments.source)
    _tell(plan)
    if not arguments.yes and not is_confirmed("Put this backup in the place of the store?"):
        say("nothing was changed")
        return exit_codes.BAD_INPUT
    with refusals():
        aside = backups.restore(plan)
    print(f"restored {plan.backup.path}")
    say(f"The files that were in its place are in {aside}. Remove them when nothing is missed.")
    return exit_codes.OK


def say_where_records_are(home: Path) -> None:
    """Tell the user when the store file of a home may not be what its server uses."""
    from jupyter_mlops.bootstrap import note_on_store  # noqa: PLC0415 (other commands need no core)

    note = note_on_store(home)
    if note is not None:
        say(note)


def _tell(plan: RestorePlan) -> None:
    for path in plan.unusable:
        say(f"{path} is newer, but cannot be used: it is damaged.")
    backup = plan.backup
    holds = f"{backup.path} holds {count(backup.runs, 'run')}"
    if backup.changed_at is not None:
        holds += f", the last change of {moment(backup.changed_at)}"
    say(f"{holds}. What was recorded later will be missing.")
    _tell_lost(plan)
    if backup.scheduled:
        say(
            f"{count(backup.scheduled, 'run')} in it waited in the queue. They may have run since, "
            "so they are marked as lost; run them again if they have not."
        )
    if plan.missing_files:
        say(
            f"{count(plan.missing_files, 'file')} of its runs are no longer in the home: they were "
            "deleted since, or lost."
        )


def _tell_lost(plan: RestorePlan) -> None:
    if plan.lost is None:
        say("Which runs those are cannot be told: the store cannot be read.")
        return
    at_least = "" if plan.lost_is_all else "at least "
    if plan.lost:
        say(f"The backup does not know {at_least}{count(len(plan.lost), 'run')}:")
    for run in plan.lost[:_LISTED]:
        say(f"  {run.run_id[:8]}  {moment(run.created_at)}  {one_line(run.name)}")
    if len(plan.lost) > _LISTED:
        say(f"  and {len(plan.lost) - _LISTED} more")
    if plan.lost:
        say(
            "Their files are kept for a day or two, then removed, since no run names them. "
            "Copy the folder artifacts if you want them."
        )
