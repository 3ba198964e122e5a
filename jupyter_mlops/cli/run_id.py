"""Naming a run on a command line: by its id, the beginning of it, or the word `last`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_mlops.client import ClientError

if TYPE_CHECKING:
    from jupyter_mlops.client import Client

LAST = "last"
_SEARCHED_RUNS = 1000
_WHOLE = re.compile(r"[0-9a-f]{32}")


def run_id_of(client: Client, typed: str) -> str:
    """Return the id of the run that is meant; the beginning is looked for in the newest 1000.

    Raises ClientError when it means no run, or several.
    """
    if _WHOLE.fullmatch(typed):
        return typed
    if typed == LAST:
        found = [run["run_id"] for run in client.runs(limit=1)["runs"]]
    else:
        newest = client.runs(limit=_SEARCHED_RUNS)["runs"]
        found = [run["run_id"] for run in newest if run["run_id"].startswith(typed.lower())]
    if len(found) == 1:
        return found[0]
    raise ClientError(
        "Several runs begin like this; give more of the id."
        if found
        else "There is no such run; `jupyter mlops runs` lists them.",
        code="invalid_request" if found else "not_found",
        status=400 if found else 404,
    )
