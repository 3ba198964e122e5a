"""A workspace whose server is another process, which the test kills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give a root and a home over which no core is open yet."""
    made = Workspace(tmp_path, start=False)
    yield made
    made.close()
