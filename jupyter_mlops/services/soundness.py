"""Checking a home: every page of its store, every reference, and every stored file by its digest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import NotFound, StoreDamaged
from jupyter_mlops.domain.soundness import NamedFile, Soundness
from jupyter_mlops.services.backups import store_of
from jupyter_mlops.store import artifacts, backup_reading, runs
from jupyter_mlops.store.database import Database


def check(home: Path, backup: Path | None = None) -> Soundness:
    """Check the store of a home, in use or not, or a backup of it, with the files that it names.

    Raises Unavailable or NotFound when there is nothing that can be checked.
    """
    if backup is not None:
        return _check_backup(backup, ContentStore(home))
    path = store_of(home)
    try:
        database = Database.open(path)
        try:
            return _check_store(database, ContentStore(home))
        finally:
            database.close()
    except StoreDamaged as error:
        return _damaged(error.message)


def _check_backup(backup: Path, content: ContentStore) -> Soundness:
    fault = backup_reading.fault(backup)
    if fault is not None:
        return _damaged(f"{backup} cannot be used. {fault}")
    files = backup_reading.named_files(backup)
    faulty, size = _check_files(content, files)
    runs = backup_reading.summary(backup).runs
    return Soundness(runs=runs, files=len(files), bytes=size, faults=_told(faulty))


def _check_store(database: Database, content: ContentStore) -> Soundness:
    faults = [f"The store is damaged: {fault}." for fault in database.faults()]
    files = database.named_files()
    faulty, size = _check_files(content, files)
    with database.read() as connection:
        total = runs.count(connection)
        # A run or model may have been deleted for good since, with its files.
        named = artifacts.named(connection, [file.digest for file, _ in faulty])
    still = [(file, what) for file, what in faulty if file.digest in named]
    return Soundness(runs=total, files=len(files), bytes=size, faults=[*faults, *_told(still)])


def _check_files(
    content: ContentStore, files: Iterable[NamedFile]
) -> tuple[list[tuple[NamedFile, str]], int]:
    """Read stored files; return those that are not as stored with what they are, and the bytes."""
    faulty, size = [], 0
    for file in files:
        try:
            whole = content.verify(file.digest)
        except NotFound:
            faulty.append((file, "missing"))
            continue
        size += content.size(file.digest) or 0
        if not whole:
            faulty.append((file, "damaged"))
    return faulty, size


def _told(faulty: Iterable[tuple[NamedFile, str]]) -> list[str]:
    return [f"{file.path} of {file.holder} is {what} ({file.digest})." for file, what in faulty]


def _damaged(fault: str) -> Soundness:
    return Soundness(runs=0, files=0, bytes=0, faults=[fault])
