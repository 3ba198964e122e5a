"""The run id in the environment, by which every process of a run can be recognised.

What a forked process sets in its environment stays in its own memory; others, who read
``/proc/<pid>/environ``, see the block that its ancestor was executed with. The launcher is
therefore executed with a placeholder, which each fork overwrites in place.
"""

from __future__ import annotations

import ctypes
import os

VARIABLE = "JMLOPS_RUN_ID"
PLACEHOLDER = "0" * 32


def overwrite_placeholder(run_id: str) -> None:
    """Put ``run_id`` where the placeholder stands, and into ``os.environ`` for programs to come.

    Raises RuntimeError if this process was not executed with the placeholder.
    """
    if len(run_id) != len(PLACEHOLDER):
        raise ValueError("a run id has as many characters as the placeholder")
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    getenv.argtypes = [ctypes.c_char_p]
    address = getenv(VARIABLE.encode())
    if not address or ctypes.string_at(address) != PLACEHOLDER.encode():
        raise RuntimeError(f"this process was not started with the placeholder of {VARIABLE}")
    ctypes.memmove(address, run_id.encode("ascii"), len(run_id))
    os.environ[VARIABLE] = run_id


def carries(environment: bytes, run_id: str) -> bool:
    """Tell whether an environment block, as in ``/proc/<pid>/environ``, holds ``run_id``."""
    return f"{VARIABLE}={run_id}".encode() in environment.split(b"\0")
