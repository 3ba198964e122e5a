"""What a client raises: the refusal of a server, or that it could not be reached."""

from __future__ import annotations

UNREACHABLE = "unreachable"


class ClientError(Exception):
    """A request was refused or did not arrive.

    ``code`` is the server's machine-readable name of the refusal, such as ``invalid_parameter``,
    or ``unreachable``; ``status`` the HTTP status, 0 when there was no answer; ``field`` the
    input field that is to blame, if one is.
    """

    def __init__(
        self, message: str, *, code: str, status: int = 0, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.field = field
