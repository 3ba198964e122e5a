"""Who is asking, and what they may do."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from jupyter_mlops.domain.kernel_tokens import KernelSession

Action = Literal["read", "write", "execute"]
Resource = Literal[
    "mlops:runs",
    "mlops:experiments",
    "mlops:models",
    "mlops:notebooks",
    "mlops:kernels",
    "mlops:server",
]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The acting user of one request; ``scopes`` are names such as ``mlops:runs:write``.

    ``kernel`` is the kernel that asks in the user's name, if it does so with a token of its own.
    """

    user: str
    display_name: str
    scopes: frozenset[str]
    kernel: KernelSession | None = None

    def may(self, action: Action, resource: Resource) -> bool:
        """Tell whether this actor holds the scope for ``action`` on ``resource``."""
        return f"{resource}:{action}" in self.scopes


def owner(user: str) -> Actor:
    """Return the actor of a process that acts for its own user, with every scope."""
    return Actor(
        user=user,
        display_name=user,
        scopes=frozenset(
            f"{resource}:{action}" for resource in get_args(Resource) for action in get_args(Action)
        ),
    )
