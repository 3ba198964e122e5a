"""A server that its user started without a token still serves the client, and no foreign page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_mlops.client import Client, ClientError, HttpTransport
from tests.jupyter_host import BASE_URL, JupyterHost
from tests.workspace import until

OPEN = """
c.ServerApp.identity_provider_class = "jupyter_server.auth.identity.PasswordIdentityProvider"
c.ServerApp.authorizer_class = "jupyter_server.auth.authorizer.AllowAllAuthorizer"
c.IdentityProvider.token = ""
"""


@pytest.fixture(scope="module")
def open_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    with JupyterHost(tmp_path_factory.mktemp("open"), config=OPEN) as host:
        client = Client(HttpTransport(f"http://{host.netloc}{BASE_URL}", ""))
        until(lambda: is_ready(client), "the server")
        yield host


def is_ready(client: Client) -> bool:
    try:
        return client.status()["state"] == "ready"
    except ClientError:
        return False


@pytest.fixture
def client(open_host: JupyterHost) -> Client:
    return Client(HttpTransport(f"http://{open_host.netloc}{BASE_URL}", ""))


def test_the_client_reads_and_changes(client: Client) -> None:
    made = client.create_experiment("wine")
    assert [each["name"] for each in client.experiments() if each["name"] == "wine"] == ["wine"]
    assert made["name"] == "wine"


def test_a_request_without_the_pair_has_no_effect(open_host: JupyterHost, client: Client) -> None:
    for headers in ({}, {"Cookie": "_xsrf=" + "0" * 32}, {"X-XSRFToken": "0" * 32}):
        answer = open_host.request(
            "POST", "experiments", {"name": "foreign"}, token=None, headers=headers
        )
        assert answer.status == 403
    assert "foreign" not in [each["name"] for each in client.experiments()]
