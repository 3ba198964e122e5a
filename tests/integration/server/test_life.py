"""The extension starts without cost, tells its troubles, and goes without a trace of error."""

from __future__ import annotations

import json
import os
import shutil
import stat
import statistics
import time
from pathlib import Path

import nbformat
import pytest
import websocket

from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost
from tests.notebook_files import write
from tests.workspace import until


def test_no_address_of_ours_is_open_to_everybody(host: JupyterHost) -> None:
    assert "JupyterServerAuthWarning" not in host.log
    assert "extension was successfully loaded" in host.log


def test_a_kernel_of_this_server_finds_the_same_home(host: JupyterHost) -> None:
    environ = Path(f"/proc/{host.process.pid}/environ").read_bytes()
    assert b"JMLOPS_HOME" not in environ
    source = "import os; open('seen.txt', 'w').write(os.environ['JMLOPS_HOME'])"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(notebook, host.root / "home.ipynb")
    submitted = host.request("POST", "runs", {"notebook": "home.ipynb"})
    seen = host.root / "seen.txt"
    deadline = time.monotonic() + 60
    while not seen.exists() or not seen.read_text():
        assert time.monotonic() < deadline, host.request(
            "GET", f"runs/{submitted.json()['run_id']}"
        ).body
        time.sleep(0.05)
    assert seen.read_text() == str(host.home)


def test_a_change_reaches_whoever_listens_to_the_events_of_the_server(host: JupyterHost) -> None:
    address = f"ws://{host.netloc}{BASE_URL}api/events/subscribe"
    headers = {"Authorization": f"token {OWNER}"}
    listener = websocket.create_connection(address, header=headers, timeout=30)
    try:
        made = host.request("POST", "experiments", {"name": "listened to"})
        assert made.status == 201
        seq = host.request("GET", "status").json()["seq"]
        told = -1
        while told < seq:
            event = json.loads(listener.recv())
            if event["schema_id"].endswith("/jupyter_mlops/changed/v1"):
                told = event["seq"]
    finally:
        listener.close()


NOT_BY_ITSELF = (
    "from jupyter_mlops.server import late_core\nlate_core.OPEN_AFTER_SECONDS = 86_400\n"
)


def test_who_listens_before_anything_of_ours_is_open_hears_the_first_change(
    tmp_path: Path,
) -> None:
    with JupyterHost(tmp_path, config=NOT_BY_ITSELF) as host:

        def answers() -> bool:
            try:
                return host.request("GET", "api/status", address=BASE_URL).status == 200
            except OSError:
                return False

        until(answers, "the server to answer")
        assert not host.home.exists()
        address = f"ws://{host.netloc}{BASE_URL}api/events/subscribe"
        headers = {"Authorization": f"token {OWNER}"}
        listener = websocket.create_connection(address, header=headers, timeout=30)
        try:
            host.wait().request("POST", "experiments", {"name": "heard"})
            event = json.loads(listener.recv())
        finally:
            listener.close()
    assert event["schema_id"].endswith("/jupyter_mlops/changed/v1")


def test_only_changes_count_as_activity_of_the_user(host: JupyterHost) -> None:
    def last_activity() -> str:
        answer = host.request("GET", "api/status?no_track_activity=1", address=BASE_URL)
        return str(answer.json()["last_activity"])

    before = last_activity()
    for path in ("status", "runs", "events"):
        assert host.request("GET", path).status == 200
    assert last_activity() == before
    host.request("POST", "experiments", {"name": "active"})
    assert last_activity() > before


# What an idle culler asks of a server, noted again and again; and a shorter minute.
WATCHED = """
import pathlib, threading, time
from jupyter_mlops.server import activity
from jupyter_server.serverapp import ServerApp
activity.INTERVAL_SECONDS = 0.2
def watch():
    while True:
        time.sleep(0.1)
        if ServerApp.initialized() and hasattr(ServerApp.instance(), "extension_manager"):
            found = ServerApp.instance().extension_manager.any_activity()
            pathlib.Path({path!r}).write_text(str(bool(found)))
threading.Thread(target=watch, daemon=True).start()
"""
UNTIL_GO = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"


def test_an_active_run_keeps_the_server_from_being_culled_and_an_ended_one_does_not(
    tmp_path: Path,
) -> None:
    told = tmp_path / "told.txt"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(UNTIL_GO)])
    with JupyterHost(tmp_path, config=WATCHED.format(path=str(told))).wait() as host:

        def last_activity() -> str:
            answer = host.request("GET", "api/status?no_track_activity=1", address=BASE_URL)
            return str(answer.json()["last_activity"])

        def status(run_id: str) -> str:
            return str(host.request("GET", f"runs/{run_id}").json()["status"])

        def moves() -> bool:
            before = last_activity()
            time.sleep(1.0)
            return last_activity() > before

        until(lambda: told.exists() and told.read_text() == "False", "a server without activity")
        assert not moves()
        nbformat.write(notebook, host.root / "wait.ipynb")
        run_id = host.request("POST", "runs", {"notebook": "wait.ipynb"}).json()["run_id"]
        until(lambda: status(run_id) == "RUNNING", "the run to be under way")
        until(lambda: told.read_text() == "True", "the culler to be told of it")
        assert moves()
        (host.root / "go").touch()
        until(lambda: status(run_id) == "FINISHED", "the end of the run")
        until(lambda: told.read_text() == "False", "the culler to be told of its end")
        assert not moves()


LOG_BY_AND_BY = """
import time
from jupyter_mlops import log_metric
for step in range(5):
    time.sleep(0.7)
    log_metric("loss", step / 2, step=step)
"""


def test_a_metric_is_there_a_second_after_it_was_logged_for_who_listens_to_events(
    host: JupyterHost,
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LOG_BY_AND_BY)])
    nbformat.write(notebook, host.root / "by_and_by.ipynb")
    address = f"ws://{host.netloc}{BASE_URL}api/events/subscribe"
    headers = {"Authorization": f"token {OWNER}"}
    listener = websocket.create_connection(address, header=headers, timeout=60)
    seen: dict[int, float] = {}
    try:
        run_id = host.request("POST", "runs", {"notebook": "by_and_by.ipynb"}).json()["run_id"]
        while len(seen) < 5:
            listener.recv()
            # As a view does: it is told that something changed, and asks for what it shows.
            history = host.request("GET", f"runs/{run_id}/metrics?key=loss")
            now = time.time()
            points = history.json() if history.status == 200 else {"steps": [], "timestamps": []}
            for step, logged in zip(points["steps"], points["timestamps"], strict=True):
                seen.setdefault(step, now - logged / 1000)
    finally:
        listener.close()
    assert statistics.median(seen.values()) < 1.0, seen


def test_a_store_that_cannot_be_opened_is_told_and_mends_without_restart(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file where a folder should be")
    with JupyterHost(tmp_path).wait() as broken:
        status = broken.request("GET", "status").json()
        assert status["state"] == "failed"
        assert status["message"]
        refused = broken.request("GET", "runs")
        assert (refused.status, refused.json()["code"]) == (503, "unavailable")
        assert refused.json()["detail"] == status["message"]
        assert str(tmp_path) not in refused.body.decode()
        home.unlink()
        deadline = time.monotonic() + 30
        while broken.request("GET", "runs").status != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert broken.request("GET", "status").json()["state"] == "ready"


def test_a_home_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    # Nobody makes a folder there, not even root.
    with JupyterHost(tmp_path, config="c.MLOpsApp.home = '/sys/mlops'\n").wait() as broken:
        for method, path in (("GET", "runs"), ("POST", "runs"), ("GET", "events")):
            body = {"notebook": "train.ipynb"} if method == "POST" else None
            refused = broken.request(method, path, body)
            assert (refused.status, refused.json()["code"]) == (503, "unavailable")
            assert "check the permissions" in refused.json()["detail"]
            assert "/sys" not in refused.json()["detail"]
        assert broken.request("GET", "status").json()["state"] == "failed"


def test_paths_are_those_of_the_file_browser_also_where_its_root_is_another(tmp_path: Path) -> None:
    inner = tmp_path / "root" / "inner"
    write(inner / "train.ipynb")
    config = f"c.FileContentsManager.root_dir = {str(inner)!r}\n"
    with JupyterHost(tmp_path, config=config).wait() as host:
        for path, status in (("train.ipynb", 200), ("inner/train.ipynb", 404)):
            assert host.request("GET", f"notebooks/parameters?path={path}").status == status
        address = f"{BASE_URL}api/contents/train.ipynb?content=0"
        assert host.request("GET", "", address=address).status == 200


@pytest.mark.parametrize(
    "config",
    [
        "c.MLOpsApp.environment_mode = 'sometimes'\n",
        "c.MLOpsApp.enviroment_mode = 'allow'\n",
        "c.MLOpsApp.home = f'{c.ServerApp.root_dir}/visible'\n",
        "c.FileContentsManager.root_dir = f'{c.ServerApp.root_dir}/..'\n",
        "c.MLOpsApp.home = f'{c.ServerApp.root_dir}/..'\n",
        "c.MLOpsApp.home = f'{c.ServerApp.root_dir}/.mlops'; c.ContentsManager.allow_hidden = True\n",
    ],
)
def test_a_setting_that_cannot_be_meant_opens_no_address(tmp_path: Path, config: str) -> None:
    with JupyterHost(tmp_path, config=config) as refusing:
        answer = None
        while answer is None:
            try:
                answer = refusing.request("GET", "status")
            except OSError:
                assert refusing.process.poll() is None, refusing.log
                time.sleep(0.1)
        assert answer.status == 404
        assert "jupyter_mlops | extension failed loading" in refusing.log
        assert not refusing.home.exists()
        assert refusing.stop() == 0
        assert "[E " not in refusing.log


def test_the_home_is_closed_to_others_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        host = JupyterHost(tmp_path).wait()
    finally:
        os.umask(before)
    with host:
        host.request("POST", "experiments", {"name": "x"})
        for path in (host.home, *host.home.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_server_whose_home_was_removed_still_stops(tmp_path: Path) -> None:
    with JupyterHost(tmp_path).wait() as host:
        shutil.rmtree(host.home)
        assert host.stop() == 0
