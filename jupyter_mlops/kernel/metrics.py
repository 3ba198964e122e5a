"""Logging metrics: the one path of the package that a training loop takes thousands of times."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from time import time_ns
from typing import Any

from jupyter_mlops.kernel.active_run import run_for
from jupyter_mlops.kernel.harmless import harmless
from jupyter_mlops.kernel.masking import masked_key
from jupyter_mlops.kernel.names import fault_of_key
from jupyter_mlops.kernel.notices import notice, shown, told
from jupyter_mlops.kernel.values import number, number_text, step_number

_POINTS_PER_RECORD = 500
_KEYS_REMEMBERED = 4096
# A checked key and its JSON; checking it anew would cost more than writing the record.
_keys: dict[object, str] = {}


@harmless
def log_metric(key: str, value: object, step: int | None = None) -> None:
    """Record the number ``value`` of a metric; without a ``step`` it gets the next one of its key.

    Returns once the value is in the run's spool, where it survives the death of this process. A
    value that is no number is left out with a warning.
    """
    run = run_for("log_metric")
    if run is None:
        return
    point = _point(key, value)
    at = "null" if step is None else _step(step)
    if point is not None and at is not None:
        run.append(
            f'{{"t":"metrics","m":{{{point}}},"s":{at},"ts":{time_ns() // 1_000_000}}}'.encode()
        )


@harmless
def log_metrics(metrics: Mapping[str, object], step: int | None = None) -> None:
    """Record several metrics at one step, like `log_metric` for each of them."""
    run = run_for("log_metrics")
    at = "null" if step is None else _step(step)
    if run is None or at is None:
        return
    if not isinstance(metrics, Mapping):
        notice("log_metrics: takes a dict of numbers; nothing was recorded.", once="metrics dict")
        return
    points = [point for item in metrics.items() if (point := _point(*item)) is not None]
    for start in range(0, len(points), _POINTS_PER_RECORD):
        inside = ",".join(points[start : start + _POINTS_PER_RECORD])
        run.append(
            f'{{"t":"metrics","m":{{{inside}}},"s":{at},"ts":{time_ns() // 1_000_000}}}'.encode()
        )


def _point(key: str, value: Any) -> str | None:
    try:
        head = _keys[key]
    except (KeyError, TypeError):  # a TypeError comes from a key that is not even hashable
        fault = fault_of_key(key)
        if fault is not None:
            notice(
                f"The metric {shown(key)} was not recorded: {fault}.", once=f"metric {shown(key)}"
            )
            return None
        head = dumps(masked_key(key))
        if len(_keys) < _KEYS_REMEMBERED:
            _keys[key] = head
    try:
        return f"{head}:{number_text(number(value))}"
    except Exception as error:  # noqa: BLE001 (a tensor's conversion may raise anything)
        notice(
            f"The metric {shown(key)} was not recorded: its value, of type "
            f"{type(value).__name__}, is not one number ({told(error)}).",
            once=f"number {shown(key)}",
        )
        return None


def _step(step: Any) -> str | None:
    try:
        return str(step_number(step))
    except Exception as error:  # noqa: BLE001 (a tensor's conversion may raise anything)
        notice(
            f"A metric was not recorded: its step is not an integer ({told(error)}).", once="step"
        )
        return None
