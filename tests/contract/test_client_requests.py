"""The Python client takes everything that the requests of the contract take."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from jupyter_mlops.client import Client
from jupyter_mlops.domain.experiments import NewExperiment
from jupyter_mlops.domain.preferences import PreferencesChange
from jupyter_mlops.domain.runs import NewRun, Rerun, RunChange


@pytest.mark.parametrize(
    ("method", "request_type", "addressed_by"),
    [
        (Client.submit, NewRun, set()),
        (Client.rerun, Rerun, {"run_id"}),
        (Client.change, RunChange, {"run_id"}),
        (Client.create_experiment, NewExperiment, set()),
        (Client.prefer, PreferencesChange, set()),
    ],
)
def test_each_field_of_a_request_is_an_argument_of_the_client(
    method: Callable[..., Any], request_type: type[msgspec.Struct], addressed_by: set[str]
) -> None:
    arguments = set(inspect.signature(method).parameters) - {"self"} - addressed_by
    assert arguments == set(request_type.__struct_fields__)
