"""What cannot be carried from or to is told with what to do about it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cli_site import Site
from tests.file_store import CORPUS, FileStore
from tests.integration.transfer.conftest import End


class OtherServer(BaseHTTPRequestHandler):
    """Serves pages, and knows nothing of MLflow; remembers what it was sent."""

    proofs: list[str | None]

    def do_POST(self) -> None:
        self.proofs.append(self.headers["Authorization"])
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<h1>not here</h1>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other_server() -> Iterator[str]:
    OtherServer.proofs = []
    server = HTTPServer(("127.0.0.1", 0), OtherServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_folder_that_is_not_there(here: End) -> None:
    done, _ = here.carries("import", "--from", "/no/such/folder")
    assert (done.code, done.told) == (2, "jupyter mlops: There is no folder /no/such/folder.\n")


def test_a_folder_that_is_no_store(here: End, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    done, _ = here.carries("import", "--from", str(tmp_path))
    assert done.code == 2
    assert "is not a store of MLflow's" in done.told
    FileStore(tmp_path / "mlruns").experiment("inside")
    done, _ = here.carries("import", "--from", str(tmp_path))
    assert f"Did you mean {tmp_path / 'mlruns'}?" in done.told


def test_files_without_records_lead_to_the_database(here: End, tmp_path: Path) -> None:
    (tmp_path / "mlruns" / "1" / "models").mkdir(parents=True)
    (tmp_path / "mlflow.db").touch()
    for place in (tmp_path / "mlruns", tmp_path, f"sqlite:///{tmp_path / 'mlflow.db'}"):
        done, _ = here.carries("import", "--from", str(place))
        assert done.code == 2
        advice = f"mlflow server --backend-store-uri sqlite:///{tmp_path / 'mlflow.db'}"
        assert advice in done.told or f"Did you mean {tmp_path / 'mlruns'}?" in done.told


def test_a_server_that_is_not_mlflow(here: End, other_server: str) -> None:
    done, _ = here.carries("import", "--from", other_server)
    assert done.code == 2
    assert "is not an MLflow tracking server" in done.told


def test_a_token_is_not_sent_to_another_server_than_its_own(here: End, other_server: str) -> None:
    here.carries("import", "--from", other_server, MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    here.carries("import", "--from", other_server, MLFLOW_TRACKING_URI=other_server)
    here.carries("import", "--from", other_server)
    assert OtherServer.proofs[0] is None
    assert all(proof == "Bearer owner-7f3a" for proof in OtherServer.proofs[1:])


def test_a_wrong_token(here: End, there: End) -> None:
    done, _ = here.carries("export", "--to", there.url, MLFLOW_TRACKING_TOKEN="wrong")
    assert done.code == 4
    assert "MLFLOW_TRACKING_TOKEN" in done.told
    done, _ = here.carries(
        "import",
        "--from",
        str(CORPUS),
        "--server",
        there.url.removesuffix("mlops"),
        "--token",
        "no",
    )
    assert done.code == 4
    assert "is the token of the Jupyter server right?" in done.told


def test_an_experiment_that_is_not_there(here: End) -> None:
    done, _ = here.carries("import", "--from", str(CORPUS), "--experiment", "vine")
    assert done.code == 2
    assert "no experiment of the name vine" in done.told
    # It would not go on anywhere.
    assert "Repeat" not in done.told
    assert done.output == ""


def test_no_server_to_carry_to(tmp_path: Path) -> None:
    done = Site(tmp_path, serve=False).mlops("import", "--from", str(CORPUS))
    assert done.code == 4
    assert "start one with `jupyter lab`" in done.told
