"""Tab completion of the `%mlops` magic: subcommands, options, notebooks and parameters."""

from __future__ import annotations

import shlex
from pathlib import Path

from jupyter_mlops.client import Client, ClientError, HttpTransport, find_server
from jupyter_mlops.client.contents_path import contents_path

_COMMANDS = ("run", "runs", "--help")
_OPTIONS = {
    "run": (
        "-p",
        "--experiment",
        "--name",
        "--kernel",
        "--time-limit",
        "--save-to",
        "--save-to-folder",
        "--autolog",
        "--no-autolog",
        "--wait",
        "--help",
    ),
    "runs": ("--last", "--experiment", "--help"),
}
_VALUES_OF_OPTIONS = {
    "--experiment": 1,
    "--name": 1,
    "--kernel": 1,
    "--time-limit": 1,
    "--save-to": 1,
    "--save-to-folder": 1,
    "-p": 2,
}
_NOTEBOOKS_MAX = 200


def complete(line: str) -> list[str]:
    """Return what may stand at the end of ``line``, which has ``%mlops`` in it."""
    words = _words(line[line.rfind("%mlops") :])[1:]
    if not words:
        return []
    done, begun = words[:-1], words[-1]
    return [each for each in _candidates(done) if each.startswith(begun)]


def _words(line: str) -> list[str]:
    """Return the words of a line; the last is empty when the line ends with a space."""
    try:
        words = shlex.split(line)
    except ValueError:  # an open quotation mark
        words = line.split()
    return [*words, ""] if line[-1:].isspace() else words


def _candidates(done: list[str]) -> list[str]:
    if not done:
        return list(_COMMANDS)
    command, given = done[0], done[1:]
    if command not in _OPTIONS:
        return []
    if given and given[-1] == "--experiment":
        return _experiments()
    if given and given[-1] == "-p":
        return _parameters(given)
    if any(word in _VALUES_OF_OPTIONS for word in given[-1:]) or given[-2:-1] == ["-p"]:
        return []
    notebooks = _notebooks() if command == "run" and not _notebook_of(given) else []
    return [*notebooks, *_OPTIONS[command]]


def _notebook_of(given: list[str]) -> str | None:
    """Return the word that is neither an option nor the value of one."""
    to_skip = 0
    for word in given:
        if to_skip:
            to_skip -= 1
        elif word in _VALUES_OF_OPTIONS:
            to_skip = _VALUES_OF_OPTIONS[word]
        elif not word.startswith("-"):
            return word
    return None


def _notebooks() -> list[str]:
    found = []
    for path in (*Path().glob("*.ipynb"), *Path().glob("[!.]*/*.ipynb")):
        text = path.as_posix()
        found.append(f'"{text}"' if " " in text else text)
    return sorted(found)[:_NOTEBOOKS_MAX]


def _parameters(given: list[str]) -> list[str]:
    notebook = _notebook_of(given)
    if notebook is None:
        return []
    near = Path(notebook).expanduser().absolute()
    try:
        server = find_server(near)
        if server is None:
            return []
        client = Client(HttpTransport(server.url, server.token))
        inspection = client.inspect(contents_path(notebook, server.root))
    except ClientError:
        return []
    keys = [each["key"] for each in inspection["parameters"]]
    return [key for key in keys if key not in given]


def _experiments() -> list[str]:
    try:
        server = find_server()
        if server is None:
            return []
        found = Client(HttpTransport(server.url, server.token)).experiments()
    except ClientError:
        return []
    return [f'"{each["name"]}"' if " " in each["name"] else each["name"] for each in found]
