"""Who is asking: the user that Jupyter knows becomes an actor with the scopes of one operation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from jupyter_core.utils import ensure_async
from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
    User,
)
from jupyter_server.base.handlers import JupyterHandler
from msgspec.structs import replace

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Action, Actor, Resource
from jupyter_mlops.domain.errors import Forbidden
from jupyter_mlops.system_user import system_user

# These give everybody who knows the token a made-up name, a new one for each browser.
_NAMELESS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)

Scope = tuple[Action, Resource]
Scopes = tuple[Scope, ...]

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
    name, display_name = names_of(handler.identity_provider, user)
    return actor_named(name, display_name, granted)


def names_of(provider: IdentityProvider, user: User) -> tuple[str, str]:
    """Return the name of a user, and the one that is shown."""
    if type(provider) in _NAMELESS:
        return _owner(), _owner()
    return user.username, user.display_name or user.username


def actor_named(name: str, display_name: str, granted: Iterable[Scope]) -> Actor:
    """Return a user as an actor with what was granted."""
    return Actor(
        user=name,
        display_name=display_name,
        scopes=frozenset(f"{resource}:{action}" for action, resource in granted),
    )


def with_scopes_of(actor: Actor, route: Route) -> Actor:
    """Return the kernel as the actor of one operation; Forbidden unless its token is for that.

    The authorizer knows users only; it was asked when the token was made.
    """
    if not all(actor.may(action, resource) for action, resource in route.scopes):
        raise Forbidden("The token of a kernel is for tracking with MLflow only.")
    scopes = frozenset(f"{resource}:{action}" for action, resource in route.scopes)
    return replace(actor, scopes=scopes)
