"""Programs of MLflow's own clients run unchanged against this server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost

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
    kept = {name: text for name, text in os.environ.items() if name[:2] not in ("ML", "PY", "JU")}
    done = subprocess.run(
        [client_python(client), "-W", "ignore", PROGRAMS / f"{program}.py"],
        cwd=tmp_path,
        env=kept
        | {
            "MLFLOW_TRACKING_URI": f"http://{host.netloc}{BASE_URL}mlops",
            "MLFLOW_TRACKING_TOKEN": OWNER,
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
