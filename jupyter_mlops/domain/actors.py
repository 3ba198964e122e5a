"""Who is asking, and what they may do."""

from __future__ import annotations

from typing import Literal

import msgspec

Action = Literal["read", "write", "execute"]
Resource = Literal[
    "mlops:runs", "mlops:experiments", "mlops:notebooks", "mlops:kernels", "mlops:server"
]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The acting user of one request; ``scopes`` are names such as ``mlops:runs:write``."""

    user: str
    display_name: str
    scopes: frozenset[str]

    def may(self, action: Action, resource: Resource) -> bool:
        """Tell whether this actor holds the scope for ``action`` on ``resource``."""
        return f"{resource}:{action}" in self.scopes
