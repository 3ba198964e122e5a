"""The client's types are those of the contract, key by key."""

from __future__ import annotations

from types import ModuleType

import msgspec
import pytest

from jupyter_mlops.client import answers
from jupyter_mlops.domain import (
    artifacts,
    cells,
    events,
    experiments,
    kernels,
    metrics,
    notebooks,
    parameters,
    runs,
    server_status,
    trash,
)

MODULES: tuple[ModuleType, ...] = (
    artifacts,
    cells,
    events,
    experiments,
    kernels,
    metrics,
    notebooks,
    parameters,
    runs,
    server_status,
    trash,
)
NAMES = [
    name
    for name, value in vars(answers).items()
    if isinstance(value, type) and issubclass(value, dict) and value.__module__ == answers.__name__
]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_exactly_the_fields_of_its_struct(name: str) -> None:
    (struct,) = {
        getattr(module, name)
        for module in MODULES
        if getattr(getattr(module, name, None), "__module__", None) == module.__name__
    }
    wire_names = {field.encode_name for field in msgspec.structs.fields(struct)}
    assert set(getattr(answers, name).__annotations__) | _inherited(name) == wire_names


def _inherited(name: str) -> set[str]:
    return set(answers.RunSummary.__annotations__) if name == "Run" else set()


def test_all_answers_are_compared() -> None:
    assert len(NAMES) >= 20


def test_the_states_and_ends_of_a_run_are_those_of_the_domain() -> None:
    assert {status.value for status in runs.TERMINAL} == answers.TERMINAL
