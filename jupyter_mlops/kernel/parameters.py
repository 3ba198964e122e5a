"""Logging parameters: inputs that the code decides on and the notebook's parameters cell lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlops.kernel.active_run import Run, run_for, write_items
from jupyter_mlops.kernel.harmless import harmless
from jupyter_mlops.kernel.masking import masked, masked_key
from jupyter_mlops.kernel.names import fault_of_key
from jupyter_mlops.kernel.notices import notice, shown
from jupyter_mlops.kernel.values import json_value


@harmless
def log_param(key: str, value: object) -> None:
    """Record an input of the run; the first value of a key stands."""
    run = run_for("log_param")
    if run is not None:
        _record(run, {key: value})


@harmless
def log_params(params: Mapping[str, object]) -> None:
    """Record several inputs of the run, like `log_param` for each of them."""
    run = run_for("log_params")
    if run is None:
        return
    if not isinstance(params, Mapping):
        notice("log_params: takes a dict; nothing was recorded.", once="params dict")
        return
    _record(run, params)


def _record(run: Run, params: Mapping[str, object]) -> None:
    kept: dict[str, Any] = {}
    for key, value in params.items():
        fault = fault_of_key(key)
        if fault is None:
            try:
                kept[masked_key(key)] = masked(json_value(value))
            except Exception as error:  # noqa: BLE001 (a value's own __str__ may raise anything)
                fault = f"its value has no readable form ({type(error).__name__})"
        if fault is not None:
            notice(
                f"The parameter {shown(key)} was not recorded: {fault}.", once=f"param {shown(key)}"
            )
    write_items(run, "params", "p", kept)
