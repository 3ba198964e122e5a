"""Users of test servers: a token names each, and an authorizer knows what each may do."""

from __future__ import annotations

from jupyter_server.auth import Authorizer, IdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import RequestHandler

OWNER, VIEWER, STRANGER = "owner-7f3a", "viewer-7f3a", "stranger-7f3a"
_NAMES = {OWNER: "olive", VIEWER: "vera", STRANGER: "stan"}


class TokenUsers(IdentityProvider):
    """Everybody has an own token; cookies work as Jupyter makes them."""

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        name = _NAMES.get(self.get_token(handler) or "")
        return None if name is None else User(username=name, display_name=name.title())


class Roles(Authorizer):
    """The owner may do everything, the viewer may read, the stranger nothing."""

    def is_authorized(
        self, handler: JupyterHandler, user: User, action: str, resource: str
    ) -> bool:
        del handler, resource
        return user.username == "olive" or (user.username == "vera" and action == "read")
