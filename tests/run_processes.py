"""The processes of a run, found from outside."""

from __future__ import annotations

import json

import psutil

from tests.workspace import Workspace, until


def processes_of(run_id: str) -> list[int]:
    """Return the processes that carry the cookie of a run."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("JMLOPS_RUN_ID") == run_id:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def reaper_of(workspace: Workspace, run_id: str) -> int:
    """Wait for the reaper of a run and return its process id."""
    path = workspace.home / "runs" / run_id / "reaper.json"
    until(lambda: path.exists() and path.stat().st_size > 0, "the reaper")
    return int(json.loads(path.read_text())["pid"])
