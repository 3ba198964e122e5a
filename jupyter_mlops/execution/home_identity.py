"""The id of a home: tells its runs from those of other homes that share a database with it."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from jupyter_mlops.domain.errors import StoreDamaged, Unavailable
from jupyter_mlops.execution.durable_file import write_new
from jupyter_mlops.home import make_private
from jupyter_mlops.safe_open import folder_beneath

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "home.id"
_ID = re.compile(r"[0-9a-f]{32}")


def home_id(home: Path) -> str:
    """Return the id of a home, made at the first call by whichever process is first.

    Raises Unavailable when the home cannot be written to, StoreDamaged when the file of the id
    holds something else.
    """
    path = home / _NAME
    try:
        make_private(home)
        if not path.exists():
            with suppress(FileExistsError), folder_beneath(home, "") as folder:
                write_new(folder, _NAME, secrets.token_hex(16).encode() + b"\n", 0o600)
        found = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise Unavailable(f"The home of Jupyter MLOps cannot be used: {error.strerror}.") from error
    if _ID.fullmatch(found) is None:
        raise StoreDamaged(
            f"The file {_NAME} in the home is damaged: it holds the 32 hexadecimal digits by which "
            "the home's runs are known. Restore it from a backup."
        )
    return found


def has_home_id(home: Path) -> bool:
    """Tell whether a home has an id: then its records are in a database that homes share."""
    return (home / _NAME).exists()
