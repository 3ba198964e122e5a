"""The import surface: hooks for Jupyter, and the functions for notebooks and scripts."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if sys.platform == "win32":
    raise ImportError(
        "Jupyter MLOps needs Linux or macOS. On Windows, install it and start JupyterLab inside "
        "WSL (wsl --install)."
    )

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .kernel import (
        current_run,
        end_run,
        log_artifact,
        log_artifacts,
        log_dict,
        log_figure,
        log_metric,
        log_metrics,
        log_param,
        log_params,
        log_text,
        run,
        runs,
        set_tag,
        set_tags,
        start_run,
        status,
    )

__all__ = [
    "__version__",
    "current_run",
    "end_run",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_text",
    "run",
    "runs",
    "set_tag",
    "set_tags",
    "start_run",
    "status",
]

_KERNEL_FUNCTIONS = frozenset(__all__) - {"__version__"}


def __getattr__(name: str) -> Any:
    """Import a function at its first use, so that importing the package costs nothing."""
    if name not in _KERNEL_FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function = getattr(import_module(f"{__name__}.kernel"), name)
    globals()[name] = function
    return function


def __dir__() -> list[str]:
    """List the functions too, so that completion offers them before their first use."""
    return sorted({*globals(), *_KERNEL_FUNCTIONS})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics for `%load_ext jupyter_mlops`."""
    import_module(f"{__name__}.kernel.magics").load_ipython_extension(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the prebuilt extension lies in a development install."""
    return [{"src": "labextension", "dest": "jupyter-mlops"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Name the server application; imported here so that kernels never import Tornado."""
    app = import_module(f"{__name__}.server.extension").MLOpsApp
    return [{"module": __name__, "app": app}]
