"""Whoever may do nothing is refused before a service looks at anything (security row S3)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Forbidden
from jupyter_mlops.services import OpenServices, status
from jupyter_mlops.services.artifacts import ArtifactService
from jupyter_mlops.services.client_runs import ClientRunService
from jupyter_mlops.services.events import EventService
from jupyter_mlops.services.experiments import ExperimentService
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.kernels import KernelService
from jupyter_mlops.services.lineage import LineageService
from jupyter_mlops.services.logged_models import LoggedModelService
from jupyter_mlops.services.model_aliases import ModelAliasService
from jupyter_mlops.services.model_versions import ModelVersionService
from jupyter_mlops.services.notebooks import NotebookService
from jupyter_mlops.services.preferences import PreferenceService
from jupyter_mlops.services.registered_models import RegisteredModelService
from jupyter_mlops.services.run_records import RunRecordService
from jupyter_mlops.services.runs import RunService
from jupyter_mlops.services.trash import TrashService

NOBODY = Actor(user="nell", display_name="Nell", scopes=frozenset())
SERVICES: tuple[type, ...] = (
    ArtifactService,
    ClientRunService,
    EventService,
    ExperimentService,
    KernelService,
    KernelTokenService,
    LineageService,
    LoggedModelService,
    ModelAliasService,
    ModelVersionService,
    NotebookService,
    PreferenceService,
    RegisteredModelService,
    RunRecordService,
    RunService,
    TrashService,
)


class Untouchable:
    """A part or an argument that nobody may look at before the actor was asked about."""

    def _touched(self, *_: object) -> NoReturn:
        raise AssertionError("looked at before the permission was checked")

    __getattr__ = __eq__ = __len__ = __iter__ = __bool__ = __str__ = __lt__ = __gt__ = _touched
    __hash__ = object.__hash__


def operations() -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """Yield each operation that an actor asks for, and whether it is one of a service."""
    yield "status.ready", status.ready, False
    for service in SERVICES:
        for name, method in inspect.getmembers(service, inspect.isfunction):
            if not name.startswith("_") and "actor" in inspect.signature(method).parameters:
                yield f"{service.__name__}.{name}", method, True


OPERATIONS = {name: (operation, of_service) for name, operation, of_service in operations()}


def test_every_service_that_a_door_is_given_is_walked_through() -> None:
    given = {str(kind) for kind in inspect.get_annotations(OpenServices).values()}
    assert given == {service.__name__ for service in SERVICES}
    assert {name.partition(".")[0] for name in OPERATIONS} == {"status", *given}


@pytest.mark.parametrize("name", OPERATIONS)
def test_permission_is_the_first_thing_that_is_asked(name: str) -> None:
    operation, of_service = OPERATIONS[name]
    others = [
        parameter
        for parameter in inspect.signature(operation).parameters
        if parameter not in ("self", "actor")
    ]
    given: dict[str, Any] = {other: Untouchable() for other in others}
    if of_service:
        given["self"] = Untouchable()
    with pytest.raises(Forbidden):
        operation(actor=NOBODY, **given)
