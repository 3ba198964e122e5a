"""What the launcher imports once, so that no run has to.

Importing is all that happens here: no thread, no event loop, no messaging context, since none
of these survives a fork.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The second half is what ipykernel and IPython import when a kernel starts, runs a first cell
# and shows a first error.
_FOR_KERNELS = (
    "ipykernel.kernelapp",
    "ipykernel_launcher",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "pygments.formatters.terminal256",
    "sqlite3",
    "stack_data",
    "tornado.platform.asyncio",
)
_FOR_WORKERS = (
    "papermill.execute",
    "jupyter_mlops.execution.reaper",
    "jupyter_mlops.execution.worker",
)
# Heavy and not needed: formats that notebooks never name, stores that runs never use, and the
# debugger, for which a run has no client. A notebook that imports one of them gets it.
_NOT_NOW = (
    "azure",
    "boto3",
    "botocore",
    "debugpy",
    "gcsfs",
    "github",
    "pyarrow",
    "rfc3987_syntax",
)


@dataclass(frozen=True)
class Preloaded:
    """Names of the modules that a kernel would have imported by itself."""

    kernel_modules: frozenset[str]


def preload() -> Preloaded:
    """Import everything that kernels and workers need."""
    with _without(_NOT_NOW):
        for name in _FOR_KERNELS:
            _import_if_there(name)
        kernel_modules = frozenset(sys.modules)
        for name in _FOR_WORKERS:
            importlib.import_module(name)
    return Preloaded(kernel_modules)


def _import_if_there(name: str) -> None:
    # Which modules ipykernel has, differs from version to version.
    try:
        importlib.import_module(name)
    except ImportError:
        return


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports of ``names`` fail, as if they were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
