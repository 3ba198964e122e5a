"""The command line: every command with its options, from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from jupyter_mlops.cli import COMMANDS, exit_codes, parser
from scripts.reference.markdown import code, table


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Command line\n"
    yield "`jupyter mlops COMMAND`, or `python -m jupyter_mlops.cli COMMAND`.\n"
    yield from table(("command", "does"), (_entry(name, told) for name, told, *_ in COMMANDS))
    yield "## Exit codes\n"
    told = exit_codes.HELP.removeprefix("exit codes: ")
    yield from (f"- {each}" for each in told.split("; "))
    yield "\n## Options of every command\n"
    yield "`--help` prints what the command takes. `jupyter mlops --version` prints the version.\n"
    for name, each in _choices().items():
        yield f"## jupyter mlops {name}\n"
        yield f"{each.description}\n"
        yield from options(each)


def _entry(name: str, told: str) -> tuple[str, str]:
    return f"[`{name}`](#jupyter-mlops-{name})", told


def _choices() -> dict[str, argparse.ArgumentParser]:
    (group,) = (each for each in parser()._actions if isinstance(each.choices, dict))
    return dict(group.choices or {})


def options(of: argparse.ArgumentParser) -> list[str]:
    """Return the table of arguments and options of one command."""
    actions = [each for each in of._actions if not isinstance(each, argparse._HelpAction)]
    return table(
        ("option", "meaning"), ((code(_written(each)), _meaning(each)) for each in actions)
    )


def _written(action: argparse.Action) -> str:
    metavar = action.metavar or action.dest
    if isinstance(action.metavar, tuple):
        metavar = " ".join(action.metavar)
    if not action.option_strings:
        return str(metavar)
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    return f"{names} {metavar if action.metavar else str(metavar).upper()}"


def _meaning(action: argparse.Action) -> str:
    told = action.help or ""
    if action.choices:
        told = f"{told} One of {', '.join(map(str, action.choices))}; may be repeated."
    return told.strip().replace("|", r"\|")
