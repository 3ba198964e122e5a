"""Transfers that end early, wherever that is, and are repeated: nothing is missing, nothing doubled."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import link, places
from jupyter_mlops.transfer.destination import Destination
from jupyter_mlops.transfer.moving import move
from jupyter_mlops.transfer.report import Report
from tests import interrupts
from tests.cli_site import Site
from tests.file_store import CORPUS, FileStore
from tests.identities import OWNER
from tests.integration.transfer.conftest import End
from tests.jupyter_host import BASE_URL
from tests.losing_proxy import LosingProxy

ATTEMPTS_MAX = 200


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[End]:
    site = Site(tmp_path / "fresh", serve=True)
    yield End(site)
    site.close()


def many_runs(folder: Path, name: str) -> FileStore:
    """Make a store with enough in it for a transfer to be caught in the middle."""
    store = FileStore(folder)
    experiment = store.experiment(name)
    lines = "".join(f"{at} {at / 7} {at}\n" for at in range(1_500))
    for number in range(30):
        store.run(
            experiment,
            f"run {number}",
            metrics={"loss": lines, "accuracy": lines},
            files={f"{part}/data": bytes([part]) * 50_000 for part in range(3)},
            started_at=1_000 + number,
        )
    return store


def unfinished(end: End, name: str) -> int:
    said = end.reader.ask("experiments/get-by-name", experiment_name=name)
    found = end.reader.tell(
        "runs/search",
        {
            "experiment_ids": [said["experiment"]["experiment_id"]],
            "filter": "tags.`mlops.origin.unfinished` = 'true'",
        },
    )
    return len(found.get("runs", ()))


def stopped_at(end: End, line: int, how: signal.Signals, folder: Path) -> subprocess.Popen[str]:
    """Start an import and stop it when it has told of its progress so many times."""
    with interrupts.heard():
        process = end.site.start("import", "--from", str(folder))
    assert process.stderr is not None
    for _ in range(line):
        assert " of " in process.stderr.readline()
    process.send_signal(how)
    return process


def test_an_import_killed_again_and_again_goes_on_where_it_was(here: End, folder: Path) -> None:
    many_runs(folder, "killed")
    left = []
    for line in (1, 3, 5, 8):
        process = stopped_at(here, line, signal.SIGKILL, folder)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        left.append(unfinished(here, "killed"))
    # A kill may fall between two runs; never is more than one of them half carried.
    assert max(left) <= 1
    done, report = here.carries("import", "--from", str(folder))
    assert done.code == 0, done.told
    assert report["carried"]["runs"] + report["already_there"]["runs"] == 30
    assert report["already_there"]["runs"] >= 20
    assert unfinished(here, "killed") == 0
    runs = here.holds("killed")["experiments"]["killed"]["runs"]
    assert set(runs) == {f"run {number}" for number in range(30)}
    for run in runs.values():
        assert len(run["history"]["loss"]) == len(run["history"]["accuracy"]) == 1_500
        assert len(run["files"]) == 3
        assert run["status"] == "FINISHED"


def test_an_interrupted_import_says_that_it_goes_on(here: End, folder: Path) -> None:
    many_runs(folder, "interrupted")
    process = stopped_at(here, 2, signal.SIGINT, folder)
    output, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "CARRIED" in output
    assert "Repeat the command: it goes on where it was." in told
    assert "Traceback" not in told
    assert here.carries("import", "--from", str(folder))[0].code == 0
    assert len(here.holds("interrupted")["experiments"]["interrupted"]["runs"]) == 30


def attempted(url: str) -> tuple[Report, ClientError | None]:
    """Import into a server in this process; return the report, and what ended it early."""
    report = Report()
    source = places.source(str(CORPUS), report)
    with closing(link.of_jupyter(url, OWNER)) as here:
        try:
            move(source, Destination(here), (), report, lambda done, total, about: None)
        except ClientError as error:
            return report, error
    return report, None


def test_every_answer_to_a_change_may_get_lost_once(
    here: End, imported: object, fresh: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done and not told is found, whatever it was, and not done twice."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    lost: set[tuple[str, str, bytes]] = set()
    attempt: list[tuple[str, str, bytes]] = []

    def loses(method: str, path: str, body: bytes) -> bool:
        request = (method, path, body)
        if method == "GET" or path.endswith("/search"):
            return False
        if not attempt and request not in lost:
            lost.add(request)
            attempt.append(request)
        return request in attempt

    assert fresh.site.host is not None
    proxy = LosingProxy(fresh.site.host.port, loses)
    url = f"http://127.0.0.1:{proxy.port}{BASE_URL}"
    try:
        for _ in range(ATTEMPTS_MAX):
            attempt.clear()
            report, error = attempted(url)
            # Each attempt ends with the answer that it lost.
            assert (error is None) == (not attempt), (attempt, error)
            if error is None:
                break
    finally:
        proxy.close()
    assert report.omissions == []
    assert len(lost) > 40
    assert fresh.holds("wine") == here.holds("wine")


def test_a_server_that_is_gone_for_good_is_told_of(here: End, folder: Path) -> None:
    many_runs(folder, "gone")
    assert here.site.host is not None
    seen: list[str] = []

    def loses(method: str, path: str, body: bytes) -> bool:
        seen.append(path)
        return any(each.endswith("runs/log-batch") for each in seen)

    proxy = LosingProxy(here.site.host.port, loses)
    try:
        done, report = here.carries(
            "import",
            "--from",
            str(folder),
            *("--server", f"http://127.0.0.1:{proxy.port}{BASE_URL}", "--token", OWNER),
            MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
        )
    finally:
        proxy.close()
    assert done.code == 4
    assert report["complete"] is False
    assert "does not answer" in done.told
    assert "Repeat the command" in done.told
