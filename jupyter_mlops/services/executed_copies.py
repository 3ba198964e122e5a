"""Copies of executed notebooks: where a request may put one, and writing it without harm."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.domain import names
from jupyter_mlops.domain.errors import InvalidName, InvalidRequest, NotFound, TooLarge
from jupyter_mlops.domain.runs import NewRun
from jupyter_mlops.execution.durable_file import write_new
from jupyter_mlops.safe_open import LinkRefused, folder_beneath, read_beneath

COPIES_MAX = 10_000
# With "-executed-9999.ipynb" behind it, still a name that every file system takes.
STEM_MAX_BYTES = 200
_TOP = Path("/")


@dataclass(frozen=True)
class Copy:
    """Where a copy goes: ``path`` for the record, ``target`` absolute.

    Of a ``numbered`` one only the folder was asked for: a name that is taken gets a number.
    """

    path: str
    target: Path
    numbered: bool


def copy_of(new: NewRun, root: Path) -> Copy | None:
    """Return where the copy of a run goes, None if none is wanted; InvalidName if it may not.

    A folder that was asked for is made.
    """
    if new.save_to_folder is not None:
        if new.save_to is not None:
            raise InvalidRequest(
                "Give the name of the copy or its folder, not both.", field="save_to_folder"
            )
        return _in_folder(new.save_to_folder, new.notebook, root)
    return None if new.save_to is None else _named(new.save_to, root)


def _named(path: str, root: Path) -> Copy:
    names.logical_path(path, field="save_to")
    if not path.endswith(".ipynb"):
        raise InvalidName("The copy is a notebook: its name ends with .ipynb.", field="save_to")
    target = root / path
    if not target.parent.is_dir():
        raise InvalidName(
            "The folder for the executed notebook does not exist; make it first.", field="save_to"
        )
    if not target.parent.resolve().is_relative_to(root.resolve()):
        raise InvalidName("The executed notebook stays inside the root folder.", field="save_to")
    if os.path.lexists(target):
        # The source notebook above all: it is never changed.
        raise InvalidName(
            "There is a file of this name already; choose another name, or remove it first.",
            field="save_to",
        )
    return Copy(path, target.parent.resolve() / target.name, numbered=False)


def _in_folder(folder: str, notebook: str, root: Path) -> Copy:
    """Make the folder (the root itself is ``""``) and name the copy after the notebook."""
    if folder:
        names.logical_path(folder, field="save_to_folder")
        try:
            with folder_beneath(root, folder, make=True):
                pass
        except LinkRefused:
            raise InvalidName(
                "The folder for the executed notebook is behind a symbolic link.",
                field="save_to_folder",
            ) from None
        except NotFound:
            raise InvalidName(
                "The folder for the executed notebook cannot be made: a file has its name, or this"
                " server may not write there.",
                field="save_to_folder",
            ) from None
    stem = Path(notebook).stem.encode()[:STEM_MAX_BYTES].decode(errors="ignore")
    name = f"{stem}-executed.ipynb"
    path = f"{folder}/{name}" if folder else name
    return Copy(path, root.resolve() / path, numbered=True)


def write_copy(target: str, data: bytes, *, numbered: bool) -> str:
    """Write a copy and return its name; FileExistsError rather than replace another file.

    One that is there from an earlier attempt is left alone. The path had no links when the run was
    submitted; one that came since is not followed.
    """
    folder, _, name = target.lstrip("/").rpartition("/")
    with folder_beneath(_TOP, folder) as beneath:
        for candidate in _numbers(name) if numbered else (name,):
            if _holds(f"{folder}/{candidate}", data):
                return candidate
            if numbered and _is_taken(candidate, beneath):
                continue
            # Another run may be quicker, or somebody else.
            with suppress(FileExistsError):
                write_new(beneath, candidate, data, 0o666)
                return candidate
    raise FileExistsError(target)


def _numbers(name: str) -> Iterator[str]:
    yield name
    stem = name.removesuffix(".ipynb")
    for number in range(2, COPIES_MAX):
        yield f"{stem}-{number}.ipynb"


def _holds(path: str, data: bytes) -> bool:
    try:
        return read_beneath(_TOP, path, len(data), hard_links=True) == data
    except (NotFound, TooLarge):
        return False


def _is_taken(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
