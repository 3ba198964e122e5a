"""`make docs-reference`: write the pages of docs/reference/ anew from the code."""

from __future__ import annotations

from scripts.reference.pages import FOLDER, texts

FOLDER.mkdir(exist_ok=True)
for name, text in texts().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"docs/reference/{name}")
