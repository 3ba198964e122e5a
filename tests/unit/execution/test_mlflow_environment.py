"""MLflow in a kernel finds this server, unless its user set it up for another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_mlops.domain.mlflow_address import MlflowAddress
from jupyter_mlops.execution.kernel_environment import run_environment
from jupyter_mlops.execution.mlflow_environment import (
    is_behind_proxy,
    is_users_own,
    mlflow_environment,
)

HERE = MlflowAddress(uri="http://127.0.0.1:8888/mlops", certificate=None)
SECURED = MlflowAddress(uri="https://localhost:8888/mlops", certificate="/etc/own.pem")
TOKEN = "jmk_of-this-kernel"


def variables(
    environment: dict[str, str] | None = None, address: MlflowAddress = HERE
) -> dict[str, str]:
    return mlflow_environment(
        environment or {}, address, TOKEN, user="ada", notebook="dir/n.ipynb", experiment_id=7
    )


def test_a_client_is_told_where_to_log_and_what_its_runs_are() -> None:
    found = variables()
    assert json.loads(found.pop("MLFLOW_RUN_CONTEXT")) == {
        "mlflow.source.name": "dir/n.ipynb",
        "mlflow.source.type": "NOTEBOOK",
        "mlflow.user": "ada",
    }
    assert found == {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:8888/mlops",
        "MLFLOW_TRACKING_TOKEN": TOKEN,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_EXPERIMENT_ID": "7",
    }


def test_a_kernel_without_notebook_names_none() -> None:
    found = mlflow_environment({}, HERE, TOKEN, user="ada", notebook=None)
    assert json.loads(found["MLFLOW_RUN_CONTEXT"]) == {"mlflow.user": "ada"}
    assert "MLFLOW_EXPERIMENT_ID" not in found


def test_a_certificate_is_named_for_https() -> None:
    assert variables(address=SECURED)["MLFLOW_TRACKING_SERVER_CERT_PATH"] == "/etc/own.pem"


@pytest.mark.parametrize(
    ("set_by_user", "left_out"),
    [
        ("MLFLOW_DISABLE_TELEMETRY", "MLFLOW_DISABLE_TELEMETRY"),
        ("MLFLOW_RUN_CONTEXT", "MLFLOW_RUN_CONTEXT"),
        ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_ID"),
        ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"),
        ("MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_SERVER_CERT_PATH"),
        ("MLFLOW_TRACKING_INSECURE_TLS", "MLFLOW_TRACKING_SERVER_CERT_PATH"),
    ],
)
def test_what_the_user_set_stays_and_what_would_contradict_it_is_left_out(
    set_by_user: str, left_out: str
) -> None:
    everything = variables(address=SECURED)
    assert variables({set_by_user: "x"}, SECURED) == {
        name: text for name, text in everything.items() if name != left_out
    }


@pytest.mark.parametrize(
    "name",
    [
        "MLFLOW_TRACKING_URI",
        "MLFLOW_TRACKING_TOKEN",
        "MLFLOW_TRACKING_USERNAME",
        "MLFLOW_TRACKING_PASSWORD",
        "MLFLOW_TRACKING_AUTH",
        "MLFLOW_REGISTRY_URI",
    ],
)
def test_a_server_or_login_of_the_users_own_is_recognised(name: str) -> None:
    assert is_users_own({"PATH": "/bin", name: ""})
    assert not is_users_own({"PATH": "/bin", f"{name}_2": "x"})


def test_a_file_of_credentials_counts_as_a_login_of_the_users_own(tmp_path: Path) -> None:
    assert not is_users_own({"HOME": str(tmp_path)})
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("[mlflow]\n")
    assert is_users_own({"HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("environment", "behind"),
    [
        ({}, False),
        ({"http_proxy": ""}, False),
        ({"HTTP_PROXY": "http://proxy:3128"}, True),
        ({"https_proxy": "http://proxy:3128"}, False),
        ({"all_proxy": "socks5://proxy"}, True),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "localhost,127.0.0.1"}, False),
        ({"http_proxy": "http://proxy:3128", "NO_PROXY": "*"}, False),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "example.org"}, True),
        ({"no_proxy": "example.org"}, False),
    ],
)
def test_a_proxy_that_stands_between_is_recognised(
    environment: dict[str, str], behind: bool
) -> None:
    assert is_behind_proxy(environment, HERE) is behind


@pytest.mark.parametrize("mode", ["deny", "allow"])
def test_the_token_of_one_kernel_reaches_no_run_that_is_started_from_it(mode: str) -> None:
    inherited = {"PATH": "/bin", **variables(address=SECURED)}
    assert run_environment(inherited, mode, inherited) == {"PATH": "/bin"}


def test_what_users_set_themselves_reaches_their_runs() -> None:
    theirs = {"MLFLOW_TRACKING_URI": "https://mlflow.example.org", "MLFLOW_TRACKING_TOKEN": "own"}
    assert run_environment(theirs, "deny", ()) == theirs
