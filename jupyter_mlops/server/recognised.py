"""A token that Jupyter accepted a moment ago is good now, as long as it is the server's.

Jupyter makes up a user for every request with a token, and signs a cookie that says who it was: for
a client that sends hundreds of requests a second that is most of what it costs to ask who it is.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from hmac import compare_digest

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler

# Jupyter's own, for whom everybody with the token is the same. A hub or another provider is asked for
# each request: what it says may change at any time.
_LASTING = (IdentityProvider, PasswordIdentityProvider)


@dataclass(frozen=True)
class _Accepted:
    header: bytes
    token: str
    user: User


class Recognised:
    """Remembers the header that was accepted last, and the user that Jupyter made of it."""

    def __init__(self) -> None:
        self._last: _Accepted | None = None

    async def admit(self, handler: JupyterHandler, asking: Awaitable[object]) -> None:
        """Await Jupyter's own checks of a request, which need not ask again who it is."""
        header = handler.request.headers.get("Authorization", "").encode()
        token = self._token_of(handler)
        last = self._last
        if (
            last is not None
            and token is not None
            and compare_digest(last.header, header)
            and compare_digest(last.token.encode(), token.encode())
        ):
            # As Jupyter leaves them, and looks there first; it declares the first of them only.
            handler._jupyter_current_user = last.user
            handler._token_authenticated = True  # type: ignore[attr-defined]
            await asking
            return
        await asking
        user = handler.current_user
        if header and token is not None and user is not None and handler.token_authenticated:
            self._last = _Accepted(header, token, user)

    def _token_of(self, handler: JupyterHandler) -> str | None:
        """Return the server's token, None where it does not settle who asks."""
        provider = handler.identity_provider
        # A browser has a name of its own in its cookie.
        if not is_lasting(provider) or "Cookie" in handler.request.headers:
            return None
        return provider.token or None


def is_lasting(provider: IdentityProvider) -> bool:
    """Tell whether all that decides who asks is the token of the server."""
    return type(provider) in _LASTING
