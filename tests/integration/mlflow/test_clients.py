"""Programs of MLflow's own clients run unchanged against this server."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost
from tests.own_host import TOKEN, OwnHost

PROGRAMS = Path(__file__).resolve().parents[2] / "mlflow_clients"
FULL, SMALL_2 = "mlflow==3.17.2", "mlflow-skinny==2.22.5"


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    ("client", "program"),
    [
        (FULL, "autolog"),
        (FULL, "data_sets"),
        (FULL, "evaluate_model"),
        (FULL, "logged_models"),
        (FULL, "register_logged_model"),
        (FULL, "registry"),
        (SMALL_2, "registry"),
        (SMALL_2, "skinny_data_sets"),
    ],
)
def test_a_program_of_a_client_runs_unchanged(
    host: JupyterHost,
    client_python: Callable[[str], Path],
    tmp_path: Path,
    client: str,
    program: str,
) -> None:
    run_program(client_python(client), program, host, OWNER, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_a_client_of_the_servers_own_token_goes_the_short_way(
    client_python: Callable[[str], Path], tmp_path: Path
) -> None:
    with OwnHost(tmp_path / "server") as own:
        run_program(client_python(FULL), "registry", own, TOKEN, tmp_path)
        ways = Counter(line.split(" ")[0] for line in own.log.splitlines())
    assert ways["shortcut"] > 5 * ways["usual"] > 0, ways


def run_program(python: Path, program: str, host: JupyterHost, token: str, folder: Path) -> None:
    """Run a program of a client against a server, and check that it ends well."""
    kept = {name: text for name, text in os.environ.items() if name[:2] not in ("ML", "PY", "JU")}
    done = subprocess.run(
        [python, "-W", "ignore", PROGRAMS / f"{program}.py"],
        cwd=folder,
        env=kept
        | {
            "MLFLOW_TRACKING_URI": f"http://{host.netloc}{BASE_URL}mlops",
            "MLFLOW_TRACKING_TOKEN": token,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            # What the server cannot answer must show, and not after minutes.
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "GIT_PYTHON_REFRESH": "quiet",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
