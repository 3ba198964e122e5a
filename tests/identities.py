"""Users of test servers: a token names each, and an authorizer knows what each may do."""

from __future__ import annotations

from jupyter_server.auth import Authorizer, IdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import RequestHandler

OWNER, VIEWER, STRANGER = "owner-7f3a", "viewer-7f3a", "stranger-7f3a"
# The authorizer of this user breaks, as an operator's own may.
UNLUCKY = "unlucky-7f3a"
_NAMES = {OWNER: "olive", VIEWER: "vera", STRANGER: "stan", UNLUCKY: "uma"}
_ONLY = "only-"


def token_for_only(scope: str) -> str:
    """Return the token of a user who may do exactly one thing, e.g. ``mlops:runs:read``."""
    return _ONLY + scope


class TokenUsers(IdentityProvider):
    """Everybody has an own token; cookies work as Jupyter makes them."""

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        token = self.get_token(handler) or ""
        name = token if token.startswith(_ONLY) else _NAMES.get(token)
        return None if name is None else User(username=name, display_name=name.title())


class Roles(Authorizer):
    """The owner may do everything, the viewer may read, the stranger nothing."""

    def is_authorized(
        self, handler: JupyterHandler, user: User, action: str, resource: str
    ) -> bool:
        if user.username == "uma":
            raise RuntimeError(f"{handler.request.uri} {handler.request.headers}")
        return (
            user.username == "olive"
            or (user.username == "vera" and action == "read")
            or user.username == f"{_ONLY}{resource}:{action}"
        )


class NoModels(Authorizer):
    """Everybody may do everything, but change models."""

    def is_authorized(
        self, handler: JupyterHandler, user: User, action: str, resource: str
    ) -> bool:
        return (action, resource) != ("write", "mlops:models")


class KernelsOnly(Authorizer):
    """Everybody may start kernels; of what is ours, everybody may read."""

    def is_authorized(
        self, handler: JupyterHandler, user: User, action: str, resource: str
    ) -> bool:
        return action == "read" or not resource.startswith("mlops:")
