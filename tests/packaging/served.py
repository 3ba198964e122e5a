"""Waiting for a Jupyter server that another program started, and asking it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-this-test"


def free_port() -> str:
    """Return a port that nobody listens on."""
    program = [sys.executable, str(ROOT / "scripts" / "free_port.py")]
    return subprocess.check_output(program, text=True).strip()


def ask(address: str, body: dict[str, Any] | None = None) -> Any:
    """Return the JSON that a server answers to a question, or to an order with a body."""
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, headers)  # noqa: S310 (our own server)
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


def wait(address: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    """Return once the server answers and its store is open; fail when its process ends before."""
    deadline = time.monotonic() + seconds
    while not _is_ready(address):
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server did not answer"
        time.sleep(0.2)


def _is_ready(address: str) -> bool:
    try:
        return bool(ask(f"{address}/mlops/api/status")["state"] == "ready")
    except OSError:
        return False
