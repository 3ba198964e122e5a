"""A refusal in MLflow's shape: ``error_code`` and ``message``, with the status that clients expect."""

from __future__ import annotations

import msgspec

from jupyter_mlops.api.problems import MethodNotAllowed, RangeNotSatisfiable
from jupyter_mlops.domain import errors
from jupyter_mlops.domain.errors import MlopsError


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What MLflow's clients read of a failure."""

    error_code: str
    message: str


class AlreadyExists(MlopsError):
    """A name is taken; MLflow answers 400 here, not 409."""

    code = "already_exists"
    status = 400
    title = "Already exists"


class EndpointNotFound(MlopsError):
    """The address is none of MLflow's, or of a part that this server does not offer."""

    code = "endpoint_not_found"
    status = 404
    title = "Not found"


class NotImplementedHere(MlopsError):
    """A part of MLflow that this server does not offer; clients do not repeat a 501."""

    code = "not_implemented"
    status = 501
    title = "Not implemented"


# The most derived class that is listed decides. A permanent failure is never a 5xx that MLflow's
# client repeats for minutes; a full disk may pass.
_CODES: dict[type[MlopsError], tuple[str, int]] = {
    errors.InvalidRequest: ("INVALID_PARAMETER_VALUE", 400),
    errors.Unauthenticated: ("UNAUTHENTICATED", 401),
    errors.Forbidden: ("PERMISSION_DENIED", 403),
    errors.NotFound: ("RESOURCE_DOES_NOT_EXIST", 404),
    MethodNotAllowed: ("ENDPOINT_NOT_FOUND", 405),
    errors.Conflict: ("INVALID_PARAMETER_VALUE", 400),
    errors.Stale: ("RESOURCE_CONFLICT", 409),
    errors.TooLarge: ("INVALID_PARAMETER_VALUE", 400),
    errors.QuotaExceeded: ("QUOTA_EXCEEDED", 400),
    # The client sends the file again.
    errors.UploadStalled: ("TEMPORARILY_UNAVAILABLE", 408),
    errors.WrongMediaType: ("BAD_REQUEST", 400),
    RangeNotSatisfiable: ("INVALID_PARAMETER_VALUE", 416),
    errors.Busy: ("RESOURCE_EXHAUSTED", 429),
    errors.Unavailable: ("TEMPORARILY_UNAVAILABLE", 503),
    errors.StoreDamaged: ("INVALID_STATE", 507),
    errors.DiskFull: ("INVALID_STATE", 507),
    AlreadyExists: ("RESOURCE_ALREADY_EXISTS", 400),
    EndpointNotFound: ("ENDPOINT_NOT_FOUND", 404),
    NotImplementedHere: ("NOT_IMPLEMENTED", 501),
}


# What was sent may be quoted, as by MLflow, but never at length.
MESSAGE_MAX_CHARS = 1_000


def of(error: MlopsError) -> tuple[int, Refusal]:
    """Return the status and the body that stand for an expected failure."""
    for kind in type(error).__mro__:
        if kind in _CODES:
            code, status = _CODES[kind]
            return status, Refusal(error_code=code, message=_short(error.message))
    return 500, Refusal(error_code="INTERNAL_ERROR", message=_short(error.message))


def _short(message: str) -> str:
    cut = message[:MESSAGE_MAX_CHARS]
    return message if message == cut else f"{cut}..."
