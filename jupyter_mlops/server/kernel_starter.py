"""Who starts a kernel: the user of the request that is being answered, with what a kernel may do."""

from __future__ import annotations

from jupyter_server import CallContext
from jupyter_server.base.handlers import JupyterHandler

from jupyter_mlops.domain.actors import Action, Actor, Resource
from jupyter_mlops.domain.errors import Forbidden
from jupyter_mlops.domain.kernel_scopes import GRANTED
from jupyter_mlops.server.identity import actor_with

# What a kernel's token is good for, and to see what its user prefers. Who lacks one gets none.
_SCOPES: tuple[tuple[Action, Resource], ...] = (*GRANTED, ("read", "mlops:kernels"))


async def kernel_starter() -> Actor | None:
    """Return who starts a kernel now, None for nobody known or nobody who may track."""
    handler = CallContext.get(CallContext.JUPYTER_HANDLER)
    if not isinstance(handler, JupyterHandler) or handler.current_user is None:
        return None
    try:
        return await actor_with(handler, handler.current_user, _SCOPES)
    except Forbidden:
        return None
