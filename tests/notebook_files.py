"""Notebook files for tests: written as bytes, so that they may be broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell


def notebook(parameters: str = "alpha = 0.1  # Step", **metadata: Any) -> dict[str, Any]:
    """Return a notebook with a title, a parameters cell and one more code cell."""
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell("alpha"),
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def write(path: Path, content: Any = None) -> Path:
    """Write a notebook, or whatever else, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = notebook() if content is None else content
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path
