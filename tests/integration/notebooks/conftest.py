"""A root folder, a store, and the service over them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.services.notebooks import NotebookService
from jupyter_mlops.settings import MAX_NOTEBOOK_BYTES
from jupyter_mlops.store.database import Database


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One store for all: reading a notebook changes nothing in it."""
    opened = Database.open(tmp_path_factory.mktemp("home") / "store.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> ContentStore:
    return ContentStore(tmp_path_factory.mktemp("content"))


@pytest.fixture
def notebooks(root: Path, store: Database, content: ContentStore) -> NotebookService:
    return NotebookService(root, store, content, max_bytes=MAX_NOTEBOOK_BYTES)
