"""A fresh workspace for each test of the composed core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give an open core over an empty root and home."""
    made = Workspace(tmp_path)
    yield made
    made.close()
