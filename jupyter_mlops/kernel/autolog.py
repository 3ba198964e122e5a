"""Autologging that costs nothing until it is of use: a hook that waits for an import of MLflow.

This file is sent to Python kernels as text, so it needs nothing but the standard library and leaves
no name behind. When code imports MLflow, or a library whose training MLflow can log,
`mlflow.autolog()` is called once, before the import returns. So what the notebook itself sets with
`mlflow.autolog(…)` comes later, and wins.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

MLFLOW = "mlflow"
# Those that `mlflow.autolog()` knows and that train models.
LIBRARIES = frozenset(
    [
        "keras",
        "lightgbm",
        "lightning",
        "pyspark",
        "pytorch_lightning",
        "setfit",
        "sklearn",
        "statsmodels",
        "tensorflow",
        "transformers",
        "xgboost",
    ]
)
_WATCHED = LIBRARIES | {MLFLOW}


class Hook:
    """A finder that finds no module itself: it hears when a watched one has been imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Leave the finding to the others, and listen to the loader that they name."""
        if name not in _WATCHED:
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = (
                None if finder is self or not find else find(name, path, target)
            )
            if spec is not None:
                self._listen_to(spec.loader, name)
                return spec
        return None

    def _listen_to(self, loader: Any, name: str) -> None:
        """Hear of the end of an import; the loader stays of the type that others look for."""
        execute = getattr(loader, "exec_module", None)
        if execute is None or isinstance(loader, type):
            return

        def exec_module(module: ModuleType) -> None:
            loader.__dict__.pop("exec_module", None)
            execute(module)
            self._imported(name)

        with suppress(AttributeError):
            loader.exec_module = exec_module

    def install(self) -> None:
        """Begin to listen; what was imported before counts as imported now."""
        sys.meta_path.insert(0, self)
        before = [name for name in (MLFLOW, *sorted(LIBRARIES)) if name in sys.modules]
        if before:
            self._imported(before[0])

    def _imported(self, name: str) -> None:
        """Switch autologging on; never raise, for no import of the user's may fail for this."""
        if self not in sys.meta_path or "MLFLOW_TRACKING_URI" not in os.environ:
            # Nobody said where to log: a folder beside the notebook is not what was asked for.
            return
        try:
            if name == MLFLOW:
                sys.meta_path.remove(self)
                _switch_on(sys.modules[MLFLOW])
            elif MLFLOW not in sys.modules:
                __import__(MLFLOW)  # whose end is heard of in turn
        except Exception as error:  # noqa: BLE001 - see above
            with suppress(ValueError):
                sys.meta_path.remove(self)
            if not (isinstance(error, ModuleNotFoundError) and error.name == MLFLOW):
                sys.stderr.write(
                    "MLflow's autologging could not be switched on: "
                    f"{type(error).__name__}: {error}\n"
                )


def _switch_on(mlflow: Any) -> None:
    """Call `mlflow.autolog()` unless the notebook did, as it may have before the hook came."""
    called = import_module("mlflow.utils.autologging_utils").AUTOLOGGING_INTEGRATIONS
    if not called.get(MLFLOW):
        # The server takes no traces; the client would complain at each of them.
        mlflow.autolog(log_traces=False)
