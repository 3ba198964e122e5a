"""One error tree with codes: every refusal the product can answer, and its HTTP status."""

from __future__ import annotations

from typing import ClassVar


class MlopsError(Exception):
    """Base of every expected failure; ``message`` says what to do and is safe to show to a client.

    Attributes
    ----------
    code: stable machine-readable name, e.g. ``run_not_found``.
    status: HTTP status that the REST door answers.
    field: name of the offending input field, when one is to blame.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidRequest(MlopsError):
    """The request is malformed: unknown field, wrong type, out of bounds."""

    code = "invalid_request"
    status = 400
    title = "Invalid request"


class InvalidName(InvalidRequest):
    """A logical name, key or id breaks the naming rules (security row S11)."""

    code = "invalid_name"
    title = "Invalid name"


class InvalidParameter(InvalidRequest):
    """A notebook parameter is unknown, mistyped, out of range or not an identifier.

    Its field is ``parameters.<key>``: a parameter may be called like a field of the request.
    """

    code = "invalid_parameter"
    title = "Invalid parameter"

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message, field=f"parameters.{key}")


class InvalidNotebook(InvalidRequest):
    """The file is not a notebook that can run: not JSON, nbformat 3, corrupt, too large."""

    code = "invalid_notebook"
    title = "Invalid notebook"


class KernelUnavailable(InvalidRequest):
    """The kernel asked for is not installed or does not start."""

    code = "kernel_unavailable"
    title = "Kernel unavailable"


class Unauthenticated(MlopsError):
    """Nobody is signed in."""

    code = "unauthenticated"
    status = 401
    title = "Sign-in required"


class Forbidden(MlopsError):
    """The actor is known but may not do this."""

    code = "forbidden"
    status = 403
    title = "Not permitted"


class NotFound(MlopsError):
    """The object does not exist, or the actor may not know that it does (security row S35)."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(MlopsError):
    """The object is in a state that does not allow this change."""

    code = "conflict"
    status = 409
    title = "Conflict"


class Stale(MlopsError):
    """The object changed since the client read it (``If-Match`` named an older version)."""

    code = "stale"
    status = 412
    title = "Changed meanwhile"


class TooLarge(MlopsError):
    """The body, file or batch is over its limit."""

    code = "too_large"
    status = 413
    title = "Too large"


class QuotaExceeded(TooLarge):
    """The files of a user would take more than the server keeps for one."""

    code = "quota_exceeded"
    title = "No room left for you"


class UploadStalled(MlopsError):
    """Nothing of a file came for too long; what had come was discarded."""

    code = "upload_stalled"
    status = 408
    title = "Upload stalled"


class WrongMediaType(MlopsError):
    """The content type is not the one that the route declares."""

    code = "wrong_media_type"
    status = 415
    title = "Wrong content type"


class Busy(MlopsError):
    """Too many requests are under way; try again in a moment."""

    code = "busy"
    status = 429
    title = "Too many requests"


class Unavailable(MlopsError):
    """The store or a process it needs is away for now; the request may be repeated."""

    code = "unavailable"
    status = 503
    title = "Temporarily unavailable"


class StoreDamaged(Unavailable):
    """The store file is damaged; it was kept, and the message says where and how to restore."""

    code = "store_damaged"
    title = "Store damaged"


class DiskFull(MlopsError):
    """No room left on the disk of the store; nothing was half-written."""

    code = "disk_full"
    status = 507
    title = "Disk full"
