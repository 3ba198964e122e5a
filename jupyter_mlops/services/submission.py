"""Submission: turn a request into a queued run, or refuse it with the field named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.domain import names, run_spec
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidParameter, InvalidRequest, TooLarge
from jupyter_mlops.domain.experiments import DEFAULT_EXPERIMENT
from jupyter_mlops.domain.kernel_scopes import may_track
from jupyter_mlops.domain.parameters import BoundParameter, bind, known_defaults
from jupyter_mlops.domain.runs import (
    PARAMETERS_MAX,
    TAG_MAX_CHARS,
    TAGS_MAX,
    TIME_LIMIT_MAX_SECONDS,
    NewRun,
    Parameter,
    ParameterOrigin,
)
from jupyter_mlops.services.executed_copies import copy_of
from jupyter_mlops.services.kernels import KernelService
from jupyter_mlops.services.notebooks import NotebookSource
from jupyter_mlops.store.cells import CELLS_MAX

SECRET_SHOWN = "***"  # noqa: S105 - what is stored in place of a secret, not one


@dataclass(frozen=True)
class ExecutionPolicy:
    """What the host decides for every run: root folder, time-outs in seconds, environment.

    ``origin`` is what the orders tell of where they were given.
    """

    root: Path
    origin: run_spec.Origin
    start_timeout: float
    memory_limit: int
    environment_mode: str
    environment_allowed: tuple[str, ...]


@dataclass(frozen=True)
class Submission:
    """A checked request, ready to be written: the spec, its secrets, what the record shows."""

    spec: run_spec.RunSpec
    parameters: list[Parameter]
    secrets: Mapping[str, str]
    name: str
    experiment: str
    save_to: str | None
    tags: Mapping[str, str]


def prepare(
    new: NewRun,
    source: NotebookSource,
    kernels: KernelService,
    policy: ExecutionPolicy,
    *,
    run_id: str,
    actor: Actor,
    now: int,
) -> Submission:
    """Check every field of ``new`` against the notebook; MlopsError names the one that fails."""
    if source.code_cells > CELLS_MAX:
        raise TooLarge(f"A notebook has at most {CELLS_MAX} code cells.", field="notebook")
    if len(new.parameters) > PARAMETERS_MAX:
        raise TooLarge(f"A run takes at most {PARAMETERS_MAX} parameters.", field="parameters")
    bound = bind(source.specs, new.parameters, strict=source.reads_parameters)
    defaults = known_defaults(source.specs, bound)[: PARAMETERS_MAX - len(bound)]
    kernel = kernels.resolve(
        source.kernel_name if new.kernel_name is None else new.kernel_name, source.language
    )
    experiment = names.label(
        DEFAULT_EXPERIMENT if new.experiment is None else new.experiment, field="experiment"
    )
    name = names.label(new.name or _default_name(source.path), field="name")
    tags = _tags(new.tags)
    time_limit = _time_limit(new.time_limit)
    # Last, for it may make a folder: a request that is refused leaves nothing behind.
    copy = copy_of(new, policy.root)
    spec = run_spec.RunSpec(
        run_id=run_id,
        protocol=run_spec.PROTOCOL_VERSION,
        notebook=source.path,
        source_digest=source.digest,
        working_directory=str(source.folder),
        parameters=[_without_secret(parameter) for parameter in bound],
        kernel_name=kernel.name,
        warm=kernel.warm,
        time_limit=time_limit,
        start_timeout=policy.start_timeout,
        memory_limit=policy.memory_limit,
        save_to=None if copy is None else str(copy.target),
        save_to_numbered=copy is not None and copy.numbered,
        user=actor.user,
        experiment=experiment,
        created_at=now,
        environment_mode=policy.environment_mode,
        environment_allowed=list(policy.environment_allowed),
        origin=policy.origin,
        # MLflow logs by itself in Python alone; what is recorded is what is done.
        autolog=bool(new.autolog) and kernel.language == "python",
        tracked=may_track(actor),
    )
    return Submission(
        spec=spec,
        parameters=[
            *(_recorded(parameter, "given") for parameter in bound),
            *(_recorded(parameter, "default") for parameter in defaults),
        ],
        secrets={item.key: str(item.value) for item in bound if item.secret},
        name=name,
        experiment=experiment,
        save_to=None if copy is None else copy.path,
        tags=tags,
    )


def spec_bytes(spec: run_spec.RunSpec) -> bytes:
    """Return a spec in the form the store keeps until the run ends."""
    return msgspec.json.encode(spec)


def spec_from(data: bytes) -> run_spec.RunSpec:
    """Read back what ``spec_bytes`` wrote."""
    return msgspec.json.decode(data, type=run_spec.RunSpec)


def secret_keys(spec: run_spec.RunSpec) -> list[str]:
    """Return the keys of the secret parameters whose values a run needs at launch."""
    return [parameter.key for parameter in spec.parameters if parameter.secret]


def given_again(recorded: list[Parameter], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a repeat: the given ones, replaced by ``changes``.

    Defaults are in the source, and what the code logged itself it logs again. Secrets were never
    stored, so a repeat without them is refused; a form sends null for one that was left empty.
    """
    recorded = [item for item in recorded if item.origin == "given"]
    given = {item.key: item.value for item in recorded if not item.secret}
    given.update(changes)
    for item in recorded:
        if item.secret and given.get(item.key) is None:
            raise InvalidParameter(
                f"Give the secret {item.key} again: secrets are never stored.", key=item.key
            )
    return given


def _default_name(path: str) -> str:
    return Path(path).stem[: names.LABEL_MAX_CHARS]


def _without_secret(parameter: BoundParameter) -> BoundParameter:
    if not parameter.secret:
        return parameter
    return BoundParameter(key=parameter.key, type=parameter.type, value=None, secret=True)


def _recorded(parameter: BoundParameter, origin: ParameterOrigin) -> Parameter:
    shown = SECRET_SHOWN if parameter.secret else parameter.value
    return Parameter(
        key=parameter.key,
        value=shown,
        type=parameter.type,
        secret=parameter.secret,
        origin=origin,
    )


def _time_limit(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    if not math.isfinite(seconds) or not 0 < seconds <= TIME_LIMIT_MAX_SECONDS:
        raise InvalidRequest(
            f"A time limit is more than 0 and at most {TIME_LIMIT_MAX_SECONDS} seconds.",
            field="time_limit",
        )
    return seconds


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    if len(tags) > TAGS_MAX:
        raise TooLarge(f"A run takes at most {TAGS_MAX} tags at once.", field="tags")
    return {check_tag_key(key): check_tag_value(value) for key, value in tags.items()}


def check_tag_key(key: str) -> str:
    """Return ``key`` if it may name a tag, else raise InvalidName."""
    return names.key(key, field="key")


def check_tag_value(value: str) -> str:
    """Return ``value`` if a tag may hold it, else raise TooLarge."""
    if len(value) > TAG_MAX_CHARS:
        raise TooLarge(f"A tag has at most {TAG_MAX_CHARS} characters.", field="value")
    return value
