"""What a host says when it cannot answer: a refusal in the shape of its door, and a line in the log.

Neither tells more than it must (security row S10): no cause to the client, no input to the log.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from jupyter_server import CallContext
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import APIHandler

from jupyter_mlops.api import problems
from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.errors import MlopsError, Unauthenticated
from jupyter_mlops.server.request_log import log_answer, log_failure

if TYPE_CHECKING:
    from jupyter_mlops.api.door import Door

# How long a client may go on to send what was refused.
LISTEN_SECONDS = 30.0


class RefusingHandler(APIHandler):
    """A handler of one door whose failures and log lines are ours, not Tornado's."""

    def answer_for(self, door: Door) -> None:
        """Prepare for one request at ``door``; the route is known once it was found."""
        self._door = door
        self._problem_id = problems.new_id()
        self._route: Route | None = None
        self.refused_early = False

    def know_kernel(self, user: str) -> None:
        """Go on as for a user whom Jupyter knows, which is not asked about the token of a kernel."""
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        self.current_user = self._jupyter_current_user = User(username=user)
        # A loop in a forgotten notebook is nobody who is there.
        self._track_activity = False
        self.set_cors_headers()

    @property
    def listens_on(self) -> bool:
        """Whether a body is still to come from a known user, who looks for an answer after it."""
        headers = self.request.headers
        body_follows = headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers
        known = getattr(self, "_jupyter_current_user", None) is not None
        return known and body_follows and self.request.method != "HEAD"

    def refuse_early(self, error: MlopsError) -> None:
        """Answer at once, and let what is left of the body come to nothing.

        A connection that closes while they send is a failure of the server to many clients and
        proxies, which then repeat what was refused for good.
        """
        self.refused_early = True
        refusal = self._refuse(error)
        self.set_header("Content-Length", str(len(refusal)))
        self.write(refusal)
        self.flush()
        # While it is answered a request has its connection; the stubs do not say so.
        self.request.connection.set_body_timeout(LISTEN_SECONDS)  # type: ignore[union-attr]

    def refuse_at_last(self, error: MlopsError) -> None:
        """Answer a client that does not go on, and let it go."""
        # While it is read a request has its connection; the stubs do not say so.
        stream = self.request.connection.stream  # type: ignore[union-attr]
        if not stream.closed():
            self.set_header("Connection", "close")
            self.refuse_early(error)
            # A short answer is written by now, as far as the client leaves room for it.
            stream.close()

    def on_connection_close(self) -> None:
        """Log what was refused early, if its client did not wait for the end."""
        if self.refused_early:
            self._log()
        super().on_connection_close()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer every failure, ours or Tornado's, as problem details without its cause."""
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        if not isinstance(error, MlopsError):
            error = problems.of_status(status_code)
            if status_code == 403 and getattr(self, "_jupyter_current_user", None) is None:
                error = problems.of_status(Unauthenticated.status)
        refusal = self._refuse(error)
        self.finish(refusal, set_content_type=self._headers["Content-Type"])

    def _refuse(self, error: MlopsError) -> bytes:
        """Set status and headers of a refusal and return its body."""
        refusal = self._door.refuse(error, self._problem_id)
        self.set_status(refusal.status)
        for name, value in refusal.headers.items():
            self.set_header(name, value)
        return cast(bytes, refusal.body)  # never a blob

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log an unexpected failure with its frames, but no message: that may quote the input."""
        log_failure(self.log, value, tb, self._problem_id)

    def _log(self) -> None:
        """Log one line per request, naming the operation instead of the address as sent."""
        method = self.request.method
        log_answer(
            self.log,
            self._door,
            self._route,
            method if method in self.SUPPORTED_METHODS else "?",
            self.get_status(),
            self.request.request_time(),
            self._problem_id,
        )
