"""`make demo` in a fresh copy of this tree, from nothing to a run of the first example."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.packaging.served import ROOT, TOKEN, ask, free_port, wait

# Most of it is downloading and building.
SETUP_SECONDS = 1_500
RUN_SECONDS = 300


def copy_of_the_tree(target: Path) -> Path:
    """Copy what is under version control, or would be; nothing that was built."""
    list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(list_files, cwd=ROOT, text=True).split("\0"):
        if name and (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.mark.long
@pytest.mark.timeout(SETUP_SECONDS + RUN_SECONDS + 60)
def test_the_demo_starts_in_a_fresh_copy_and_runs_its_first_example(tmp_path: Path) -> None:
    copy, state, port = copy_of_the_tree(tmp_path / "copy"), tmp_path / "state", free_port()
    kept = {name: text for name, text in os.environ.items() if name[:2] not in ("JU", "JM", "PY")}
    environment = kept | {
        "PATH": kept["PATH"].replace(f"{ROOT / '.venv' / 'bin'}:", ""),
        "JMLOPS_HOME": str(state / "home"),
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
    }
    arguments = f"--no-browser --port={port} --IdentityProvider.token={TOKEN}"
    with (tmp_path / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "demo", f"ARGS={arguments}"],
            cwd=copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        server = f"http://localhost:{port}"
        wait(server, process, SETUP_SECONDS)
        examples = sorted((copy / "demo-workspace").glob("*.ipynb"))
        assert [path.name for path in examples] == sorted(
            path.name for path in (ROOT / "examples").glob("*.ipynb")
        )
        run = ask(f"{server}/mlops/api/runs", {"notebook": examples[0].name})
        deadline = time.monotonic() + RUN_SECONDS
        while run["ended_at"] is None and time.monotonic() < deadline:
            time.sleep(0.5)
            run = ask(f"{server}/mlops/api/runs/{run['run_id']}")
        assert run["status"] == "FINISHED", run["message"]
        assert run["metrics"]
    finally:
        # As a terminal that is closed: make, the script and the server all hear it.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
