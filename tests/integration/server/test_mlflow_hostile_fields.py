"""Whatever a message of MLflow's protocol names, nothing of it is opened or called (row S12)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.integration.server.test_hostile_fields import AUDIT, CANARY, FORMS
from tests.jupyter_host import JupyterHost
from tests.mlflow_door import ADDRESS, FILES, MlflowDoor, check_refusal
from tests.mlflow_fields import MlflowText, mlflow_texts

TEXTS = {text.label: text for text in mlflow_texts()}
# Fields that hold prose, which is kept and shown and names nothing; or a word, of which MLflow
# ignores what it does not know.
PROSE = {"name", "new_name", "experiment_name", "run_name", "user_id", "value"}
WORDS = {"status", "view_type", "run_view_type"}
# Which models went into a run or came out of it is what the client says; they may be elsewhere. So
# is all that describes a data set, wherever it lies.
LINKS = {"mlflow.runs/log-inputs", "mlflow.runs/outputs"}
# What a search does not find, and MLflow answers with nothing found.
SOUGHT = {"experiment_ids", "metric_key"}
# A file may be called like this, but nobody's home is meant by it.
OF_A_FILE = f"~/{CANARY}.ipynb"


class Watched:
    """A server that notes what it opens, and an open run in it."""

    def __init__(self, host: JupyterHost) -> None:
        self.host = host
        self.run_id = MlflowDoor(host).new_run()

    def seen(self) -> list[str]:
        """Return what was opened or called under the name that no file has."""
        return (self.host.root.parent / "seen.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    config = AUDIT.format(path=str(folder / "seen.txt"))
    with JupyterHost(folder, config=config).wait() as host:
        yield Watched(host)


def lenient(text: MlflowText) -> bool:
    """Tell whether MLflow takes anything in this field. The value of a metric is a number."""
    if text.name == "value":
        return "metric" not in text.label
    if text.name == "model_id":
        return text.route.operation_id in LINKS
    of_dataset = text.trail[0] == "datasets" or text.name.startswith("dataset_")
    return of_dataset or text.name in PROSE | WORDS | SOUGHT


@pytest.mark.parametrize("label", TEXTS)
def test_nothing_that_a_message_names_is_opened_or_called(watched: Watched, label: str) -> None:
    text = TEXTS[label]
    before = watched.seen()
    for form in FORMS:
        answer = text.ask(watched.host, watched.run_id, form)
        if answer.status == 501:
            check_refusal(answer, 501)
        elif lenient(text):
            assert answer.status in (200, 400, 404), (form, answer)
        elif not (form == OF_A_FILE and text.name == "path"):
            check_refusal(answer)
    assert watched.seen() == before


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_nothing_that_a_path_in_a_run_names_is_opened_or_called(
    watched: Watched, method: str
) -> None:
    before = watched.seen()
    for form in FORMS:
        for inside in (form, quote(form, safe="")):
            path = f"{FILES}/0/{watched.run_id}/artifacts/{quote(inside, safe='')}"
            data = b"bytes" if method == "PUT" else None
            answer = watched.host.request(method, path, data, address=ADDRESS)
            if inside == form != OF_A_FILE:
                check_refusal(answer, 400)
            else:
                assert answer.status in (200, 404), (form, answer)
    assert watched.seen() == before


def test_no_version_of_a_model_is_made_of_what_the_server_did_not_hand_out(
    watched: Watched,
) -> None:
    door, before = MlflowDoor(watched.host), watched.seen()
    assert door.post("registered-models/create", name="there").status == 200
    sources = [*FORMS, f"{CANARY}.ipynb", f"runs:/{watched.run_id}/../{CANARY}"]
    sources += [f"{scheme}{CANARY}/a" for scheme in ("runs:/", "models:/", "mlflow-artifacts:/")]
    sources += [f"mlflow-artifacts:/0/{watched.run_id}/artifacts/../{CANARY}", "models:/there/1"]
    for source in sources:
        answer = door.post(
            "model-versions/create", name="there", source=source, run_id=watched.run_id
        )
        check_refusal(answer)
    assert watched.seen() == before
    assert door.file("PUT", watched.run_id, "model/MLmodel", b"flavors").status == 200
    address = f"mlflow-artifacts:/0/{watched.run_id}/artifacts/model"
    for source in (f"runs:/{watched.run_id}/model", address):
        answer = door.post(
            "model-versions/create", name="there", source=source, run_id=watched.run_id
        )
        assert answer.status == 200, answer


@pytest.mark.parametrize("header", ["X-MLFLOW-WORKSPACE", "X-MLflow-Client-Version", "User-Agent"])
def test_no_header_of_a_client_is_opened_or_called(watched: Watched, header: str) -> None:
    before = watched.seen()
    for form in FORMS:
        answer = watched.host.request("GET", "version", headers={header: form}, address=ADDRESS)
        assert answer.status == 200
    assert watched.seen() == before


def test_the_notes_of_these_tests_tell_what_is_opened(watched: Watched) -> None:
    before = len(watched.seen())
    watched.host.request("GET", f"notebooks/parameters?path={CANARY}.ipynb")
    assert len(watched.seen()) > before
