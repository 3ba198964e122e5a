"""Which answers of Jupyter are good for more than one request, and until when."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User

from jupyter_mlops.server.recognised import Recognised


class Asked(SimpleNamespace):
    """A request as far as this is concerned; ``asked`` tells whether Jupyter had to look who it is."""

    def __init__(self, provider: IdentityProvider, **headers: str) -> None:
        super().__init__(
            identity_provider=provider,
            request=SimpleNamespace(headers=headers),
            asked=False,
            current_user=None,
            token_authenticated=False,
        )

    async def prepare(self) -> None:
        if getattr(self, "_jupyter_current_user", None) is None:
            self.asked = True
            sent = self.request.headers.get("Authorization")
            self.token_authenticated = sent == f"token {self.identity_provider.token}"
            self.current_user = User(username="made up") if self.token_authenticated else None


def is_asked(recognised: Recognised, provider: IdentityProvider, **headers: str) -> bool:
    asked: Any = Asked(provider, **headers)
    asyncio.run(recognised.admit(asked, asked.prepare()))
    return bool(asked.asked)


def test_the_same_header_is_asked_about_once() -> None:
    recognised, provider = Recognised(), IdentityProvider(token="one")
    assert is_asked(recognised, provider, Authorization="token one")
    assert not is_asked(recognised, provider, Authorization="token one")
    assert is_asked(recognised, provider, Authorization="token other")
    assert is_asked(recognised, provider)
    assert not is_asked(recognised, provider, Authorization="token one")


def test_a_header_that_was_refused_is_asked_about_again() -> None:
    recognised, provider = Recognised(), IdentityProvider(token="one")
    for _ in range(2):
        assert is_asked(recognised, provider, Authorization="token other")


def test_a_token_of_the_server_that_changed_is_asked_about_again() -> None:
    recognised, provider = Recognised(), IdentityProvider(token="one")
    assert is_asked(recognised, provider, Authorization="token one")
    provider.token = "two"
    for _ in range(2):
        assert is_asked(recognised, provider, Authorization="token one")
    provider.token = ""
    assert is_asked(recognised, provider, Authorization="token one")


def test_a_browser_is_asked_for_its_cookie() -> None:
    recognised, provider = Recognised(), IdentityProvider(token="one")
    for _ in range(2):
        assert is_asked(recognised, provider, Authorization="token one", Cookie="a=b")


def test_another_provider_is_asked_each_time() -> None:
    class Hub(IdentityProvider):
        """Whose answer may change."""

    recognised, provider = Recognised(), Hub(token="one")
    for _ in range(2):
        assert is_asked(recognised, provider, Authorization="token one")
