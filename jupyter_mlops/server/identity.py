"""Who is asking: the user that Jupyter knows becomes an actor with the scopes of one operation."""

from __future__ import annotations

from functools import cache

from jupyter_core.utils import ensure_async
from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
    User,
)
from jupyter_server.base.handlers import JupyterHandler

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Action, Actor, Resource
from jupyter_mlops.domain.errors import Forbidden
from jupyter_mlops.system_user import system_user

# These give everybody who knows the token a made-up name, a new one for each browser.
_NAMELESS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)

Scopes = tuple[tuple[Action, Resource], ...]

# Asked once: it looks through the users of the system.
_owner = cache(system_user)


async def actor_for(handler: JupyterHandler, user: User, route: Route) -> Actor:
    """Return the actor for one operation; Forbidden unless the authorizer grants all its scopes."""
    return await actor_with(handler, user, route.scopes, route.wanted)


async def actor_with(
    handler: JupyterHandler, user: User, scopes: Scopes, wanted: Scopes = ()
) -> Actor:
    """Return the user of a request as an actor with these scopes; Forbidden if one is not granted.

    What is ``wanted`` besides is granted or not.
    """

    async def is_granted(action: Action, resource: Resource) -> bool:
        asked = handler.authorizer.is_authorized(handler, user, action, resource)
        return bool(await ensure_async(asked))

    granted = {each for each in (*scopes, *wanted) if await is_granted(*each)}
    if not granted.issuperset(scopes):
        raise Forbidden("You may not do this on this server.")
    name, display_name = user.username, user.display_name or user.username
    if type(handler.identity_provider) in _NAMELESS:
        name = display_name = _owner()
    return Actor(
        user=name,
        display_name=display_name,
        scopes=frozenset(f"{resource}:{action}" for action, resource in granted),
    )
