"""Jupyter's own token: good each time it is right, and only then, whoever was let in just before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jupyter_host import JupyterHost
from tests.own_host import OWN, TOKEN
from tests.workspace import until

PATHS = ("status", "2.0/mlflow/experiments/get?experiment_id=0")
WRONG = {
    "nobody": {},
    "an empty one": {"Authorization": "Bearer "},
    "the beginning of it": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "more than it": {"Authorization": f"Bearer {TOKEN}e"},
    "another": {"Authorization": "Bearer another"},
    "another way to say it": {"Authorization": f"Basic {TOKEN}"},
}


@pytest.fixture(scope="module")
def own_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    with JupyterHost(tmp_path_factory.mktemp("own"), config=OWN) as host:
        until(lambda: answers(host), "the server")
        yield host


def answers(host: JupyterHost) -> bool:
    try:
        return all(status(host, path, right()) == 200 for path in PATHS)
    except OSError:
        return False


def right() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def status(host: JupyterHost, path: str, headers: dict[str, str]) -> int:
    return host.request("GET", path, token=None, headers=headers).status


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_token_is_refused_after_a_right_one(own_host: JupyterHost, path: str) -> None:
    for what, headers in WRONG.items():
        assert status(own_host, path, right()) == 200
        assert status(own_host, path, headers) in (401, 403), what
        assert status(own_host, path, headers) in (401, 403), what
        assert status(own_host, path, right()) == 200


def test_both_words_for_a_token_are_good(own_host: JupyterHost) -> None:
    for word in ("token", "Bearer", "bearer", "token"):
        assert status(own_host, PATHS[0], {"Authorization": f"{word} {TOKEN}"}) == 200


def test_a_page_elsewhere_is_refused_with_a_token_that_was_accepted(own_host: JupyterHost) -> None:
    for _ in range(2):
        assert status(own_host, PATHS[0], right()) == 200
        assert status(own_host, PATHS[0], right() | {"Origin": "https://evil.example"}) == 403
