"""A refusal on the wire: problem details (RFC 9457) plus ``code``, ``id`` and ``field``."""

from __future__ import annotations

import secrets

import msgspec

from jupyter_mlops.domain import errors
from jupyter_mlops.domain.errors import MlopsError

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_SECONDS = {429: "1", 503: "2"}


class MethodNotAllowed(MlopsError):
    """The path exists, but not with this method; ``allowed`` are the ones it has."""

    code = "method_not_allowed"
    status = 405
    title = "Method not allowed"

    def __init__(self, allowed: tuple[str, ...] = ()) -> None:
        super().__init__("This address does not know this method.")
        self.allowed = allowed


class RangeNotSatisfiable(MlopsError):
    """The range asked for lies outside the file."""

    code = "range_not_satisfiable"
    status = 416
    title = "Range not satisfiable"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What every refusal looks like; ``id`` finds it again in the server's log."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    id: str
    field: str | None


_BY_STATUS: dict[int, tuple[type[MlopsError], str]] = {
    400: (errors.InvalidRequest, "The request is malformed."),
    401: (errors.Unauthenticated, "Sign in first, or send a token in the Authorization header."),
    403: (errors.Forbidden, "This request is not permitted."),
    404: (errors.NotFound, "There is nothing at this address."),
    413: (errors.TooLarge, "The body is too large."),
    415: (errors.WrongMediaType, "The content type is not the one that this operation takes."),
    429: (errors.Busy, "Too many requests are under way; try again in a moment."),
    503: (errors.Unavailable, "The server cannot answer now; try again in a moment."),
}


def new_id() -> str:
    """Return a fresh id for one refusal: 64 random bits in hexadecimal."""
    return secrets.token_hex(8)


def of(error: MlopsError, problem_id: str) -> Problem:
    """Return the problem details of an expected failure."""
    return Problem(
        type=f"urn:jupyter-mlops:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.message,
        code=error.code,
        id=problem_id,
        field=error.field,
    )


def of_status(status: int) -> MlopsError:
    """Return the error that stands for a bare HTTP status, with nothing of its cause."""
    if status == MethodNotAllowed.status:
        return MethodNotAllowed()
    if status in _BY_STATUS:
        kind, message = _BY_STATUS[status]
        return kind(message)
    if 400 <= status < 500:
        return errors.InvalidRequest("The request is malformed.")
    return MlopsError("Something went wrong here; the server's log has it under this id.")


def headers_of(error: MlopsError) -> dict[str, str]:
    """Return the headers that go with a refusal."""
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "private, no-store"}
    if error.status in _RETRY_AFTER_SECONDS:
        headers["Retry-After"] = _RETRY_AFTER_SECONDS[error.status]
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    return headers
