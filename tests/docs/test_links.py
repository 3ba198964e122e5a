from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, README, ROOT, anchors, without_blocks

IMAGE_MAX_BYTES = 250_000
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")


def _links(page: Path) -> list[str]:
    return [first or second for first, second in _LINK.findall(without_blocks(page))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_picture_is_shown_and_small() -> None:
    pictures = set((ROOT / "docs" / "images").iterdir())
    shown = {(page.parent / link).resolve() for page in PAGES for link in _links(page)}
    assert pictures - shown == set()
    assert [each.name for each in pictures if each.stat().st_size > IMAGE_MAX_BYTES] == []


def test_the_readme_has_its_first_picture_in_light_and_dark() -> None:
    first = README.read_text("utf-8").split("\n## ")[0]
    assert 'srcset="docs/images/overview-dark.png"' in first
    assert 'src="docs/images/overview-light.png"' in first


def test_paths_that_contributors_are_sent_to_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = [each for each in re.findall(r"`([\w./-]+)`", text) if "/" in each]
    assert len(named) > 20
    missing = [
        each
        for each in named
        if not _holds(ROOT / each) and not _holds(ROOT / "jupyter_mlops" / each)
    ]
    assert missing == []


def _holds(path: Path) -> bool:
    """Tell whether a path is a file, or a folder with one: Git keeps no empty folders."""
    return path.is_file() or any(each.is_file() for each in path.rglob("*"))
