"""A kernel that asks with a token of its own: recognised by the store, not by Jupyter or a hub."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from jupyter_server.base.handlers import JupyterHandler

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Forbidden
from jupyter_mlops.domain.kernel_tokens import looks_like_token
from jupyter_mlops.server.hosted_core import HostedCore

if TYPE_CHECKING:
    # Importing all routes would delay the first answer of the server.
    from jupyter_mlops.api.door import Door

_SECONDS = 10.0
# As Jupyter reads the header, which takes what it is given under either name.
_HEADER = re.compile(r"(?:token|bearer)\s+(.+)", re.IGNORECASE)


def token_of(handler: JupyterHandler) -> str | None:
    """Return the token of a kernel that a request carries, None if it carries none."""
    found = _HEADER.match(handler.request.headers.get("Authorization", ""))
    token = "" if found is None else found[1].strip()
    return token if looks_like_token(token) else None


async def kernel_actor(hosted: HostedCore, door: Door, token: str) -> Actor:
    """Return the kernel that asks; Forbidden at another door, Unauthenticated for nobody we know."""
    if not door.FOR_KERNELS:
        raise Forbidden("The token of a kernel is for tracking with MLflow only.")
    workroom = hosted.workroom
    # All of them share few places: whoever made up a token must not keep others waiting.
    async with workroom.recognising.place(""):
        return await workroom.run(partial(recognise, hosted, token), _SECONDS)


def recognise(hosted: HostedCore, token: str) -> Actor:
    """Return the kernel that has a token, as the store knows it; Unauthenticated if it does not."""
    actor = hosted.core.services.kernel_tokens.resolve(token)
    if actor.kernel is not None:
        hosted.kernels.follow(actor.kernel)
    return actor
