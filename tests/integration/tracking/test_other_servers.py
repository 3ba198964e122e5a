"""Kernels start and live as ever, however a server is set up and whatever is wrong with its store."""

from __future__ import annotations

import json
import signal
import sqlite3
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

from tests.integration.tracking.test_live_kernels import SHUT_DOWN, START
from tests.jupyter_host import BASE_URL
from tests.live_kernel import LiveKernel
from tests.tracking_host import TrackingHost
from tests.workspace import until

CERTIFICATE = Path(__file__).resolve().parents[2] / "corpus" / "certificates" / "localhost.pem"
WITHOUT = "starts without MLflow tracking"
# What could not be told of an end is told again without a pause.
OFTEN = "from jupyter_mlops.server import tracked_kernels\ntracked_kernels.RETRY_SECONDS = 0.05\n"


@contextmanager
def serving(
    folder: Path, *, config: str = "", environ: Mapping[str, str] | None = None
) -> Iterator[TrackingHost]:
    """Give a server of its own, and see it stop well."""
    host = TrackingHost(folder, config=config, environ=environ)
    host.wait()
    try:
        yield host
    finally:
        host.stop()


class SecuredHost(TrackingHost):
    """A server that speaks HTTPS."""

    def connect(self) -> HTTPConnection:
        trusts = ssl.create_default_context(cafile=CERTIFICATE)
        return HTTPSConnection("localhost", self.port, timeout=60, context=trusts)


@contextmanager
def secured(folder: Path) -> Iterator[TrackingHost]:
    """Give a server with a certificate for its own machine."""
    host = SecuredHost(folder, config=f"c.ServerApp.certfile = {str(CERTIFICATE)!r}\n")
    host.wait()
    try:
        yield host
    finally:
        host.stop()


def test_who_set_up_mlflow_before_the_server_started_keeps_it(tmp_path: Path) -> None:
    own = {"MLFLOW_TRACKING_URI": "http://mlflow.example.org"}
    with serving(tmp_path, environ=own) as host, LiveKernel(host) as kernel:
        assert kernel.environment() == own
        assert WITHOUT not in host.log


def test_a_setting_switches_it_off(tmp_path: Path) -> None:
    with (
        serving(tmp_path, config="c.MLOpsApp.mlflow_in_kernels = False\n") as host,
        LiveKernel(host) as kernel,
    ):
        assert kernel.environment() == {}


def test_who_may_not_track_gets_a_kernel_and_no_token(tmp_path: Path) -> None:
    config = "c.ServerApp.authorizer_class = 'tests.identities.KernelsOnly'\n"
    with serving(tmp_path, config=config) as host, LiveKernel(host) as kernel:
        assert kernel.environment() == {}
        assert WITHOUT not in host.log


def test_who_may_not_do_all_that_a_token_grants_gets_runs_without_one(tmp_path: Path) -> None:
    config = "c.ServerApp.authorizer_class = 'tests.identities.NoModels'\n"
    with serving(tmp_path, config=config) as host:
        run_id = host.submit("n.ipynb", "import os; print('MLFLOW_TRACKING_TOKEN' in os.environ)")
        assert host.ended(run_id)[0] == "FINISHED"
        again = host.request("POST", f"runs/{run_id}/rerun", {}).json()["run_id"]
        assert host.ended(again)[0] == "FINISHED"
        assert [host.printed(each) for each in (run_id, again)] == [["False"], ["False"]]
        assert WITHOUT not in host.log


def test_a_server_that_was_started_from_a_kernel_passes_nothing_of_it_on(tmp_path: Path) -> None:
    inherited = {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:1/mlops",
        "MLFLOW_TRACKING_TOKEN": "jmk_of-another",
        "MLFLOW_EXPERIMENT_ID": "77",
    }
    with serving(tmp_path, environ=inherited) as host, LiveKernel(host) as kernel:
        found = kernel.environment()
        assert host.netloc in found["MLFLOW_TRACKING_URI"]
        assert "jmk_of-another" not in found.values()
        assert "MLFLOW_EXPERIMENT_ID" not in found


def test_behind_a_proxy_a_kernel_is_told_nothing_and_the_log_what_to_do(tmp_path: Path) -> None:
    proxy = {"http_proxy": "http://192.0.2.1:3128", "no_proxy": "example.org"}
    with serving(tmp_path, environ=proxy) as host, LiveKernel(host) as kernel:
        assert kernel.environment() == {}
        assert host.log.count("Add 127.0.0.1 to NO_PROXY") == 1


def test_without_a_store_kernels_start_at_once_and_the_log_says_what_they_lack(
    tmp_path: Path,
) -> None:
    config = "c.MLOpsApp.database_url = 'postgresql://127.0.0.1:1/nothing'\n"
    with serving(tmp_path, config=config) as host, LiveKernel(host) as kernel:
        assert kernel.environment() == {}
        kernel.restart()
        assert kernel.environment() == {}
        assert host.log.count(WITHOUT) == 2


def test_nothing_is_told_of_the_end_of_a_kernel_that_has_no_token(tmp_path: Path) -> None:
    config = f"c.MLOpsApp.database_url = 'postgresql://127.0.0.1:1/nothing'\n{OFTEN}"
    with serving(tmp_path, config=config) as host:
        with LiveKernel(host) as kernel:
            kernel.restart()
        assert host.log.count(WITHOUT) == 2
        time.sleep(0.5)
        assert "is not recorded yet" not in host.log


def test_an_end_that_cannot_be_recorded_is_told_of_once_and_holds_up_no_other(
    tmp_path: Path,
) -> None:
    config = f"""{OFTEN}
from jupyter_mlops.services.kernel_tokens import KernelTokenService
end_kernel, failing = KernelTokenService.end_kernel, []

def fail_for_the_first(self, kernel_id, end):
    failing.append(kernel_id)
    if kernel_id == failing[0]:
        raise RuntimeError
    end_kernel(self, kernel_id, end)

KernelTokenService.end_kernel = fail_for_the_first
"""
    with serving(tmp_path, config=config) as host, LiveKernel(host, "first.ipynb") as first:
        with LiveKernel(host, "second.ipynb") as second:
            first.shut_down()
            run_id = second.run(START)
        assert host.ended(run_id) == SHUT_DOWN
        time.sleep(0.5)
        assert host.log.count("is not recorded yet") == 1


def test_a_kernel_waits_two_seconds_for_a_slow_store_and_not_longer(tmp_path: Path) -> None:
    with serving(tmp_path) as host:
        beside = sqlite3.connect(host.home / "store.db", isolation_level=None)
        beside.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        with LiveKernel(host) as kernel:
            assert 2.0 <= time.monotonic() - begun < 6.0
            assert kernel.environment() == {}
            assert host.log.count(WITHOUT) == 1
            beside.close()
            kernel.restart()
            assert kernel.environment()["MLFLOW_TRACKING_TOKEN"].startswith("jmk_")


def test_the_end_of_a_kernel_waits_two_seconds_for_a_slow_store_and_is_told_later(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as host, LiveKernel(host) as kernel:
        run_id = kernel.run(START)
        beside = sqlite3.connect(host.home / "store.db", isolation_level=None)
        beside.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        kernel.shut_down()
        assert time.monotonic() - begun < 8.0
        beside.close()
        assert host.ended(run_id) == SHUT_DOWN


def test_the_token_of_a_kernel_is_renewed_for_as_long_as_it_lives(tmp_path: Path) -> None:
    config = (
        "from jupyter_mlops.server import tracked_kernels\n"
        "tracked_kernels.RETRY_SECONDS, tracked_kernels.RENEW_SECONDS = 0.1, 0.0\n"
    )
    with serving(tmp_path, config=config) as host, LiveKernel(host) as kernel:

        def expires_at() -> int:
            with closing(sqlite3.connect(host.home / "store.db")) as store:
                return int(store.execute("SELECT expires_at FROM kernel_tokens").fetchone()[0])

        first = expires_at()
        until(lambda: expires_at() > first, "the renewal")
        assert host.asked_with(kernel.environment()["MLFLOW_TRACKING_TOKEN"]) == 200


def test_over_https_a_kernel_trusts_its_server(tmp_path: Path) -> None:
    with secured(tmp_path) as host, LiveKernel(host) as kernel:
        assert kernel.environment()["MLFLOW_TRACKING_URI"].startswith("https://localhost:")
        run_id = kernel.run(START)
        assert host.run(run_id)["status"] == "RUNNING"


def test_the_token_of_a_kernel_that_cannot_start_is_revoked(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "kernels" / "broken"
    folder.mkdir(parents=True)
    spec = {"argv": ["/nowhere", "{connection_file}"], "display_name": "Broken", "language": "x"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    with serving(tmp_path) as host:
        started = host.request("POST", "api/kernels", {"name": "broken"}, address=BASE_URL)
        assert started.status >= 400
        with closing(sqlite3.connect(host.home / "store.db")) as store:
            living = "SELECT seq FROM kernel_tokens WHERE revoked_at IS NULL"
            assert store.execute(living).fetchall() == []


def test_a_server_that_stops_ends_what_its_kernels_have_open(tmp_path: Path) -> None:
    with serving(tmp_path) as host:
        kernel = LiveKernel(host)
        run_id = kernel.run(START)
        kernel.disconnect()
    with serving(tmp_path) as host:
        assert host.ended(run_id) == SHUT_DOWN


def test_what_the_kernels_of_a_killed_server_have_open_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path) as host:
        kernel = LiveKernel(host)
        run_id = kernel.run(START)
        kernel.disconnect()
        host.process.send_signal(signal.SIGKILL)
        host.process.wait()
    with serving(tmp_path) as host:
        assert host.ended(run_id)[:2] == ("FAILED", "lost")


def test_the_notebook_of_a_run_logs_to_the_server_that_comes_back(tmp_path: Path) -> None:
    with serving(tmp_path) as host:
        run_id = host.submit(
            "survives.ipynb",
            f"{START}\nopen('open', 'w').close()",
            "import os, time\nwhile not os.path.exists('back'): time.sleep(0.05)",
            f"{START}\ntell('POST', 'runs/log-metric', dict(\n"
            "    run_id=os.environ['JMLOPS_RUN_ID'], key='late', value=1.5, timestamp=1))",
        )
        until((host.root / "open").exists, "the first run of the notebook")
        host.process.send_signal(signal.SIGKILL)
        host.process.wait()
    back = TrackingHost(tmp_path, port=host.port)
    back.wait()
    (back.root / "back").touch()
    try:
        assert back.ended(run_id) == ("FINISHED", None, None)
        assert [(each["key"], each["value"]) for each in back.run(run_id)["metrics"]] == [
            ("late", 1.5)
        ]
        child = back.printed(run_id)[-1]
        assert back.tags(child[-32:])["mlflow.parentRunId"] == run_id
    finally:
        back.stop()
