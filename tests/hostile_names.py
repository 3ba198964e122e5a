"""The shared corpus of names that no field may take as a logical path (security row S11)."""

from __future__ import annotations

import json
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "hostile_names.txt"


def hostile_names() -> list[str]:
    """Return the 400 names; some hold control characters or halves of surrogate pairs."""
    lines = CORPUS.read_text(encoding="ascii").splitlines()
    return [json.loads(line) for line in lines if line and not line.startswith("#")]
