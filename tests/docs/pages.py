"""The documentation as tests read it: pages, code blocks, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted(
    page
    for pattern in ("*.md", "examples/*.md", "docs/*.md", "docs/*/*.md")
    for page in ROOT.glob(pattern)
)
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language, without their indentation."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [
        re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        for indent, kind, text in found
        if kind == language
    ]


def without_blocks(page: Path) -> str:
    """Return the text of a page without its code blocks."""
    return _BLOCK.sub("", page.read_text("utf-8"))


def commands(page: Path) -> list[str]:
    """Return the lines of the shell blocks of a page; a line that goes on is one."""
    return [
        line
        for block in blocks(page, "bash")
        for line in block.replace("\\\n", " ").splitlines()
        if line.strip()
    ]


def anchors(page: Path) -> set[str]:
    """Return the anchors that headings get, by the rule of GitHub and of myst."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}
