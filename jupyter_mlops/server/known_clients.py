"""Clients that Jupyter let in: a request that is like theirs in all but what it asks for is let in, too.

This holds for Jupyter's own token and for who may do everything with it: then nothing that Jupyter would
look at can have changed but the token. All others are asked about each time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hmac import compare_digest

from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.base.handlers import JupyterHandler
from tornado.httputil import HTTPHeaders

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.server.identity import actor_named, names_of
from jupyter_mlops.server.recognised import is_lasting

# What programs send. A browser sends more, and what it may do depends on that.
_PLAIN = frozenset(
    {
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Host",
        "User-Agent",
        "X-Mlflow-Client-Version",
    }
)
_OF_ONE_REQUEST = frozenset({"Authorization", "Content-Length"})
# A program sends two or three kinds of requests.
_MOST = 24

_Kind = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KnownClient:
    """Who was let in, and with what; ``answer_headers`` are those that Jupyter gives every answer."""

    provider: IdentityProvider
    token: bytes
    proof: bytes
    user: str
    display_name: str
    answer_headers: _Kind
    _actors: dict[str, Actor] = field(default_factory=dict)

    def is_proven(self, proof: str) -> bool:
        """Tell whether this is what Jupyter accepted, and still would."""
        return compare_digest(self.proof, proof.encode()) and compare_digest(
            self.token, self.provider.token.encode()
        )

    def actor(self, route: Route) -> Actor:
        """Return the client as the actor of one operation."""
        found = self._actors.get(route.operation_id)
        if found is None:
            found = actor_named(self.user, self.display_name, (*route.scopes, *route.wanted))
            self._actors[route.operation_id] = found
        return found


class KnownClients:
    """The clients that were let in last, by the kind of request that they sent."""

    def __init__(self) -> None:
        self._clients: OrderedDict[_Kind, KnownClient] = OrderedDict()

    def remember(self, handler: JupyterHandler) -> None:
        """Remember who sent a request, if another one like it could not be refused."""
        headers, provider = handler.request.headers, handler.identity_provider
        user = handler.current_user
        if (
            user is None
            or not is_lasting(provider)
            or not provider.token
            or not handler.token_authenticated
            or type(handler.authorizer) is not AllowAllAuthorizer
            or not _PLAIN.issuperset(headers)
            or self.find(headers) is not None
        ):
            return
        name, display_name = names_of(provider, user)
        self._clients[_kind(headers)] = KnownClient(
            provider=provider,
            token=provider.token.encode(),
            proof=headers["Authorization"].encode(),
            user=name,
            display_name=display_name,
            answer_headers=tuple(handler._headers.get_all()),
        )
        while len(self._clients) > _MOST:
            self._clients.popitem(last=False)

    def find(self, headers: HTTPHeaders) -> KnownClient | None:
        """Return who sends a request with these headers, None for who is to be asked about."""
        client = self._clients.get(_kind(headers))
        if client is None or not client.is_proven(headers.get("Authorization", "")):
            return None
        return client


def _kind(headers: HTTPHeaders) -> _Kind:
    return tuple([each for each in headers.get_all() if each[0] not in _OF_ONE_REQUEST])
