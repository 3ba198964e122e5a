"""Reading a folder that somebody else may have filled: no link is followed, nothing is endless."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from jupyter_mlops.domain.errors import NotFound, TooLarge
from jupyter_mlops.safe_open import folder_beneath, open_beneath, read_beneath
from jupyter_mlops.transfer.source import NotReadable

DEPTH_MAX = 64
META_MAX_BYTES = 32 << 20
TEXT_MAX_BYTES = 1 << 20


class Folder:
    """A folder that is read by paths below it; what is in the way of that is NotReadable."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, path: str) -> list[tuple[str, bool]]:
        """Return the names in a folder, in order, and which of them are folders; none if it is absent.

        A link is no folder, wherever it leads; NotReadable where one is in place of the folder.
        """
        try:
            with folder_beneath(self.root, path) as folder:
                return _names(folder)
        except NotFound as error:
            # Its kinds say that something is there.
            if type(error) is NotFound:
                return []
            raise NotReadable(f"{path}: {error.message}") from error
        except OSError as error:
            raise NotReadable(f"{path} cannot be read: {os.strerror(error.errno or 0)}") from error

    def folders(self, path: str) -> list[str]:
        """Return the names of the folders in a folder."""
        return [name for name, is_folder in self.names(path) if is_folder]

    def walk(self, path: str) -> Iterator[str]:
        """Yield the paths of all files below a folder, relative to it."""
        waiting = [""]
        while waiting:
            below = waiting.pop()
            if below.count("/") > DEPTH_MAX:
                raise NotReadable(f"folders are nested deeper than {DEPTH_MAX} levels")
            for name, is_folder in self.names(f"{path}/{below}".rstrip("/")):
                if is_folder:
                    waiting.append(f"{below}{name}/")
                else:
                    yield f"{below}{name}"

    def size(self, path: str) -> int:
        """Return the size of a file in bytes, without opening it."""
        return self._status(path).st_size

    def is_link(self, path: str) -> bool:
        """Tell whether there is a symbolic link at a path."""
        return stat.S_ISLNK(self._status(path).st_mode)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """Open a regular file."""
        try:
            file = open_beneath(self.root, path)
        except NotFound as error:
            raise NotReadable(error.message) from error
        with file:
            yield file

    def text(self, path: str) -> str:
        """Return the text of a small file."""
        return self._read(path, TEXT_MAX_BYTES)

    def texts(self, path: str) -> dict[str, str]:
        """Return the texts of all files below a folder, by their paths in it."""
        return {name: self.text(f"{path}/{name}") for name in self.walk(path)}

    def meta(self, path: str) -> dict[str, Any]:
        """Return what the file meta.yaml in a folder says."""
        name = f"{path}/meta.yaml".lstrip("/")
        try:
            said = _plain_values(self._read(name, META_MAX_BYTES))
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise NotReadable(f"{name} is damaged") from error
        if not isinstance(said, dict):
            raise NotReadable(f"{name} is damaged")
        return said

    def has(self, path: str) -> bool:
        """Tell whether there is a regular file at a path."""
        try:
            with self.open(path):
                return True
        except NotReadable:
            return False

    def _status(self, path: str) -> os.stat_result:
        folder, _, name = path.rpartition("/")
        try:
            with folder_beneath(self.root, folder) as descriptor:
                return os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except (NotFound, OSError) as error:
            raise NotReadable(f"{path} cannot be read") from error

    def _read(self, path: str, limit: int) -> str:
        try:
            return read_beneath(self.root, path, limit).decode()
        except (NotFound, TooLarge) as error:
            raise NotReadable(f"{path}: {error.message}") from error
        except UnicodeDecodeError as error:
            raise NotReadable(f"{path} is not UTF-8 text") from error


def _names(folder: int) -> list[tuple[str, bool]]:
    # What is open to pass through has to be opened again to be listed.
    listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        with os.scandir(listed) as entries:
            return sorted((each.name, each.is_dir(follow_symlinks=False)) for each in entries)
    finally:
        os.close(listed)


def _plain_values(text: str) -> Any:
    # As yaml.safe_load, ten times as fast where there is libyaml.
    kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # MLflow repeats nothing; a few lines of what is repeated, and repeated again, fill the memory.
    if "*" in text and any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text, kind)):
        raise ValueError("it has aliases")
    loader = kind(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
