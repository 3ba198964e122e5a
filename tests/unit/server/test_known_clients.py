"""Whom the server takes for the client that Jupyter let in, and whom not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.auth.authorizer import AllowAllAuthorizer, Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from tornado.httputil import HTTPHeaders

from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Forbidden
from jupyter_mlops.server.known_clients import KnownClients
from jupyter_mlops.system_user import system_user


class Hub(IdentityProvider):
    """Whose answer may change."""


class Roles(AllowAllAuthorizer):
    """Who may allow less one day."""


def headers(**others: str) -> HTTPHeaders:
    named = {name.replace("_", "-"): text for name, text in others.items()}
    return HTTPHeaders({"Host": "localhost", "Authorization": "token one"} | named)


def let_in(
    clients: KnownClients,
    sent: HTTPHeaders,
    provider: IdentityProvider | None = None,
    authorizer: Authorizer | None = None,
    told: dict[str, Any] | None = None,
    **others: Any,
) -> None:
    """Have a request remembered as a handler does once it was let in; ``told`` gets its settings."""
    settings = {} if told is None else told
    settings |= {
        "identity_provider": provider or IdentityProvider(token="one"),
        "authorizer": authorizer or AllowAllAuthorizer(),
    }
    handler: Any = SimpleNamespace(
        request=SimpleNamespace(headers=sent),
        settings=settings,
        identity_provider=settings["identity_provider"],
        authorizer=settings["authorizer"],
        current_user=User(username="made up"),
        token_authenticated=True,
        _headers=HTTPHeaders({"X-Content-Type-Options": "nosniff"}),
    )
    vars(handler).update(others)
    clients.remember(handler)


def test_another_request_like_one_that_was_let_in_is_of_the_same_client() -> None:
    clients = KnownClients()
    assert clients.find(headers()) is None
    let_in(clients, headers(Content_Length="7"))
    found = clients.find(headers(Content_Length="9"))
    assert found is not None
    actor = found.actor(ROUTES[0])
    assert actor.user == system_user()
    assert actor.scopes == {f"{resource}:{action}" for action, resource in ROUTES[0].scopes}
    assert found.answer_headers == (("X-Content-Type-Options", "nosniff"),)


def test_one_that_differs_is_of_nobody() -> None:
    clients = KnownClients()
    let_in(clients, headers())
    for others in (
        {"Authorization": "token on"},
        {"Authorization": "token one "},
        {"Authorization": "token onE"},
        {"Host": "evil.example"},
        {"User_Agent": "another"},
        {"Origin": "https://evil.example"},
        {"Cookie": "a=b"},
    ):
        assert clients.find(headers(**others)) is None, others
    bare = headers()
    del bare["Authorization"]
    assert clients.find(bare) is None


def test_a_request_that_says_more_than_programs_do_is_not_remembered() -> None:
    clients = KnownClients()
    for name in ("Cookie", "Origin", "Sec_Fetch_Site", "Range", "Transfer_Encoding", "Expect"):
        let_in(clients, headers(**{name: "any"}))
        assert clients.find(headers(**{name: "any"})) is None, name


def test_nobody_is_remembered_of_whom_jupyter_may_think_otherwise_next_time() -> None:
    clients = KnownClients()
    let_in(clients, headers(), provider=Hub(token="one"))
    let_in(clients, headers(), authorizer=Roles())
    let_in(clients, headers(), provider=IdentityProvider(token=""))
    let_in(clients, headers(), token_authenticated=False)
    let_in(clients, headers(), current_user=None)
    assert clients.find(headers()) is None


def test_a_token_of_the_server_that_changed_is_good_no_more() -> None:
    clients, provider = KnownClients(), IdentityProvider(token="one")
    let_in(clients, headers(), provider=provider)
    assert clients.find(headers()) is not None
    provider.token = "two"
    assert clients.find(headers()) is None
    provider.token = ""
    assert clients.find(headers()) is None


def test_a_kernel_is_asked_about_each_time_and_may_do_what_its_token_is_for() -> None:
    clients, asked = KnownClients(), list[str]()
    kernel = Actor(user="olive", display_name="Olive", scopes=frozenset({"mlops:runs:read"}))

    def recognise() -> Actor:
        asked.append("again")
        return kernel

    handler: Any = SimpleNamespace(
        request=SimpleNamespace(headers=headers()), _headers=HTTPHeaders({"Server": "any"})
    )
    clients.remember_kernel(handler, "olive", recognise)
    found = clients.find(headers())
    assert found is not None
    assert (found.user, found.is_somebody) == ("olive", False)
    reading, writing = (
        next(route for route in ROUTES if route.scopes == ((action, "mlops:runs"),))
        for action in ("read", "write")
    )
    for count in (1, 2):
        assert found.actor(reading) == kernel
        assert len(asked) == count
    with pytest.raises(Forbidden):
        found.actor(writing)
    assert clients.find(headers(Authorization="token other")) is None


def test_the_ones_that_came_first_are_forgotten_first() -> None:
    clients = KnownClients()
    for number in range(100):
        let_in(clients, headers(User_Agent=f"program {number}"))
    known = [
        number
        for number in range(100)
        if clients.find(headers(User_Agent=f"program {number}")) is not None
    ]
    assert known == list(range(100 - len(known), 100))
    assert 10 < len(known) < 90


def test_who_asked_a_moment_ago_is_remembered_longer_than_who_came_later() -> None:
    clients = KnownClients()
    let_in(clients, headers(User_Agent="asks"))
    let_in(clients, headers(User_Agent="asks no more"))
    for number in range(100):
        let_in(clients, headers(User_Agent=f"program {number}"))
        assert clients.find(headers(User_Agent="asks")) is not None
    assert clients.find(headers(User_Agent="asks no more")) is None


def test_clients_of_one_kind_are_known_beside_each_other() -> None:
    clients, provider = KnownClients(), IdentityProvider(token="one")
    let_in(clients, headers(), provider=provider)
    let_in(clients, headers(Authorization="Bearer one"), provider=provider)
    assert clients.find(headers()) is not None
    assert clients.find(headers(Authorization="Bearer one")) is not None


def test_who_is_forgotten_is_asked_about_anew() -> None:
    clients = KnownClients()
    for agent in ("one", "another"):
        let_in(clients, headers(User_Agent=agent))
    found = clients.find(headers(User_Agent="one"))
    assert found is not None
    clients.forget(found)
    assert clients.find(headers(User_Agent="one")) is None
    assert clients.find(headers(User_Agent="another")) is not None


@pytest.mark.parametrize("name", ["identity_provider", "authorizer"])
def test_another_one_in_the_settings_of_the_server_is_asked(name: str) -> None:
    clients, settings = KnownClients(), dict[str, Any]()
    let_in(clients, headers(), told=settings)
    assert clients.find(headers()) is not None
    settings[name] = {"identity_provider": Hub(token="one"), "authorizer": Roles()}[name]
    assert clients.find(headers()) is None
