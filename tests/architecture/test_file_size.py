"""A file holds one idea and stays under 400 lines; a longer one holds two."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"src/contract/schema.ts", "jupyter_mlops/client/answers.py"}
LIMIT_LINES = 400


def source_files() -> list[str]:
    """Python, TypeScript and CSS files of the repository, as paths relative to its root."""
    patterns = ["*.py", "*.ts", "*.tsx", "*.css"]
    command = ["git", "-C", str(ROOT), "ls-files", "--", *patterns]
    return subprocess.check_output(command, text=True).splitlines()


def test_no_file_is_longer_than_one_idea() -> None:
    lines = {
        name: len((ROOT / name).read_text(encoding="utf-8").splitlines())
        for name in set(source_files()) - GENERATED
        if (ROOT / name).is_file()
    }
    assert lines
    assert {name: count for name, count in lines.items() if count > LIMIT_LINES} == {}
