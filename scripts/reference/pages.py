"""The pages of docs/reference/, each made from the code that it describes."""

from __future__ import annotations

from pathlib import Path

from scripts.reference import (
    commands,
    errors,
    events,
    functions,
    magics,
    mlflow,
    routes,
    settings,
    spool,
)

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
_NOTE = "<!-- Made from the code by `make docs-reference`; changes belong there. -->\n\n"
_PAGES = {
    "commands.md": commands.page,
    "errors.md": errors.page,
    "events.md": events.page,
    "functions.md": functions.page,
    "magics.md": magics.page,
    "mlflow.md": mlflow.page,
    "routes.md": routes.page,
    "settings.md": settings.page,
    "spool.md": spool.page,
}


def texts() -> dict[str, str]:
    """Return the Markdown of every page by its file name."""
    return {name: _NOTE + "\n".join(page()).rstrip() + "\n" for name, page in _PAGES.items()}
