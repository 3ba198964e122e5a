"""The one question every service asks first: may this actor do this to that kind of thing?"""

from __future__ import annotations

from jupyter_mlops.domain.actors import Action, Actor, Resource
from jupyter_mlops.domain.errors import Forbidden

_VERBS: dict[Action, str] = {"read": "see", "write": "change", "execute": "run"}


def require(actor: Actor, action: Action, resource: Resource) -> None:
    """Raise Forbidden unless ``actor`` holds the scope for ``action`` on ``resource``."""
    if not actor.may(action, resource):
        noun = resource.removeprefix("mlops:")
        raise Forbidden(
            f"You may not {_VERBS[action]} {noun} here; ask the owner of this server for access."
        )
