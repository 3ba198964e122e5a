"""Clients that Jupyter let in: a request that is like theirs in all but what it asks for is let in, too.

This holds for Jupyter's own token and for who may do everything with it: then nothing that Jupyter would
look at can have changed but the token. It holds for kernels with a token of their own, too, which Jupyter
is not asked about; the store is, each time. All others are asked about by Jupyter's handler.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from hmac import compare_digest
from secrets import token_bytes
from typing import Any, Protocol

from jupyter_server.auth.authorizer import AllowAllAuthorizer, Authorizer
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.base.handlers import JupyterHandler
from tornado.httputil import HTTPHeaders

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.server.identity import actor_named, names_of, with_scopes_of
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
# A program sends two or three kinds of requests, and several may be at work.
_MOST = 64

_Kind = tuple[tuple[str, str], ...]
_Key = tuple[bytes, _Kind]


class KnownClient(Protocol):
    """Who was let in."""

    @property
    def user(self) -> str:
        """The name of the user."""

    @property
    def answer_headers(self) -> _Kind:
        """The headers that Jupyter gives every answer."""

    @property
    def is_somebody(self) -> bool:
        """Whether what it changes shows that somebody is there."""

    def is_proven(self, proof: str) -> bool:
        """Tell whether this is what was accepted, and nothing that can be told at once is against it."""

    def actor(self, route: Route) -> Actor:
        """Return the client as the actor of one operation, in a thread; raises when it is none now."""


@dataclass(frozen=True)
class _Program:
    """Who has the token of the server."""

    settings: Mapping[str, Any]
    provider: IdentityProvider
    authorizer: Authorizer
    token: bytes
    proof: bytes
    user: str
    display_name: str
    answer_headers: _Kind
    is_somebody: bool = True
    _actors: dict[str, Actor] = field(default_factory=dict)

    def is_proven(self, proof: str) -> bool:
        return (
            self.settings["identity_provider"] is self.provider
            and self.settings["authorizer"] is self.authorizer
            and compare_digest(self.proof, proof.encode())
            and compare_digest(self.token, self.provider.token.encode())
        )

    def actor(self, route: Route) -> Actor:
        found = self._actors.get(route.operation_id)
        if found is None:
            found = actor_named(self.user, self.display_name, (*route.scopes, *route.wanted))
            self._actors[route.operation_id] = found
        return found


@dataclass(frozen=True)
class _Kernel:
    """A kernel with a token of its own, which the store knows as long as it is good."""

    proof: bytes
    user: str
    answer_headers: _Kind
    recognise: Callable[[], Actor]
    is_somebody: bool = False

    def is_proven(self, proof: str) -> bool:
        return compare_digest(self.proof, proof.encode())

    def actor(self, route: Route) -> Actor:
        return with_scopes_of(self.recognise(), route)


class KnownClients:
    """The clients that asked last, by who they are and by the kind of request that they sent."""

    def __init__(self) -> None:
        self._clients: OrderedDict[_Key, KnownClient] = OrderedDict()
        self._secret = token_bytes(32)

    def remember(self, handler: JupyterHandler) -> None:
        """Remember who sent a request with the server's token, if Jupyter could not refuse the next."""
        provider, user = handler.identity_provider, handler.current_user
        if (
            user is None
            or not is_lasting(provider)
            or not provider.token
            or not handler.token_authenticated
            or type(handler.authorizer) is not AllowAllAuthorizer
            or not self._is_new(handler)
        ):
            return
        name, display_name = names_of(provider, user)
        self._add(
            handler,
            _Program(
                settings=handler.settings,
                provider=provider,
                authorizer=handler.authorizer,
                token=provider.token.encode(),
                proof=handler.request.headers["Authorization"].encode(),
                user=name,
                display_name=display_name,
                answer_headers=_answer_headers(handler),
            ),
        )

    def remember_kernel(
        self, handler: JupyterHandler, user: str, recognise: Callable[[], Actor]
    ) -> None:
        """Remember a kernel of a user; ``recognise`` asks the store for it, each time anew."""
        if self._is_new(handler):
            proof = handler.request.headers["Authorization"].encode()
            self._add(handler, _Kernel(proof, user, _answer_headers(handler), recognise))

    def _is_new(self, handler: JupyterHandler) -> bool:
        headers = handler.request.headers
        return _PLAIN.issuperset(headers) and self.find(headers) is None

    def _add(self, handler: JupyterHandler, client: KnownClient) -> None:
        self._clients[self._key(handler.request.headers)] = client
        while len(self._clients) > _MOST:
            self._clients.popitem(last=False)

    def find(self, headers: HTTPHeaders) -> KnownClient | None:
        """Return who sends a request with these headers, None for who is to be asked about."""
        key = self._key(headers)
        client = self._clients.get(key)
        if client is None or not client.is_proven(headers.get("Authorization", "")):
            return None
        self._clients.move_to_end(key)
        return client

    def forget(self, client: KnownClient) -> None:
        """Ask about a client anew."""
        for key in [key for key, each in self._clients.items() if each is client]:
            del self._clients[key]

    def _key(self, headers: HTTPHeaders) -> _Key:
        # Not by the proof itself: how long it takes to look it up might tell of it.
        proof = headers.get("Authorization", "").encode()
        return blake2b(proof, key=self._secret).digest(), _kind(headers)


def _answer_headers(handler: JupyterHandler) -> _Kind:
    return tuple(handler._headers.get_all())


def _kind(headers: HTTPHeaders) -> _Kind:
    return tuple([each for each in headers.get_all() if each[0] not in _OF_ONE_REQUEST])
