"""What an executor tells the launcher, as one line of JSON each way over its socket."""

from __future__ import annotations

from typing import Any

import msgspec

# The owner makes an empty folder of this name for a launcher to live in.
FOLDER_PREFIX = "jupyter-mlops-launcher-"


class LaunchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Start the run whose directory is ready.

    ``environment`` is what the run may know of the server's; ``secrets`` are by parameter key and
    live in memory only; ``kernel_spec`` is the kernelspec that the server found, as in its
    ``kernel.json``, with ``resource_dir`` beside. ``over_tcp`` tells that it is known not to speak
    IPC.
    """

    home: str
    run_id: str
    environment: dict[str, str]
    secrets: dict[str, str]
    kernel_spec: dict[str, Any]
    over_tcp: bool

    def forget(self) -> None:
        """Drop environment and secrets, which a process that goes on does not need any more."""
        self.environment.clear()
        self.secrets.clear()


class LaunchReply(msgspec.Struct, frozen=True, kw_only=True):
    """``error`` is null once a reaper supervises the run."""

    error: str | None
