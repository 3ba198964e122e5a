"""Whatever a field holds, nothing that it names is opened or called, and no name gets by (rows S11, S12)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import nbformat
import pytest

from jupyter_mlops.domain import names
from jupyter_mlops.domain.errors import InvalidName
from tests.finished_run import finished_run
from tests.hostile_names import hostile_names
from tests.jupyter_host import Answer, JupyterHost
from tests.text_fields import TextField, text_fields

CANARY = "canary7f3a"
# The server itself notes whatever it opens, asks the system for or connects to under this name.
AUDIT = f"""
import os, sys
_seen = os.open({{path!r}}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_EVENTS = ("open", "os.", "shutil.", "socket.", "subprocess.", "urllib.", "ftplib.", "http.",
           "glob.", "pathlib.", "sqlite3.", "ctypes.", "import")
def _note(event, arguments):
    if event.startswith(_EVENTS) and "{CANARY}" in repr(arguments):
        os.write(_seen, (event + " " + repr(arguments) + "\\n").encode())
sys.addaudithook(_note)
c.MLOpsApp.concurrency = 1
c.MLOpsApp.requests_per_second = 10000
"""
FORMS = [
    f"file:///tmp/{CANARY}.ipynb",
    f"ftp://127.0.0.1:9/{CANARY}.ipynb",
    f"http://127.0.0.1:9/{CANARY}.ipynb",
    f"s3://{CANARY}/a.ipynb",
    f"\\\\{CANARY}\\share\\a.ipynb",
    f"//{CANARY}/share/a.ipynb",
    f"//proc/self/root/tmp/{CANARY}.ipynb",
    f"/tmp/{CANARY}.ipynb",  # noqa: S108 - nothing is there
    f"~/{CANARY}.ipynb",
]
# Prose, which may hold anything: it is shown and searched, and names nothing.
PROSE = {
    "createExperiment body name",
    "createExperiment body description",
    "submitRun value parameters",
    "submitRun value tags",
    "submitRun body experiment",
    "submitRun body name",
    "changeRun body name",
    "changeRun body note",
    "changeRun body experiment",
    "rerunRun value parameters",
    "rerunRun body name",
    "setTag body value",
    "listRuns query q",
    "listRuns query notebook",
    "listExperiments query name",
}
LABELS = {"createExperiment body name", "changeRun body name", "changeRun body experiment"}
KEYS = {"setTag body key", "removeTag query key", "getHistory query key", "submitRun key tags"}
# What of the corpus may stand there all the same: a plain identifier, such as CON; the root folder.
HARMLESS = {
    "submitRun key parameters": r"[^\W\d]\w*",
    "rerunRun key parameters": r"[^\W\d]\w*",
    "submitRun body save_to_folder": "",
}
FIELDS = {field.label: field for field in text_fields()}
# Marks of the client's own choice and versions: they name no object.
HEADERS = {label for label, field in FIELDS.items() if field.place == "header"}


class Watched:
    """A server that notes what it opens, a run that has ended, and its only place taken."""

    def __init__(self, host: JupyterHost) -> None:
        self.host = host
        self.run_id = finished_run(host)
        cell = nbformat.v4.new_code_cell("import time; time.sleep(3600)")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), host.root / "endless.ipynb")
        host.request("POST", "runs", {"notebook": "endless.ipynb"})

    def ask(self, field: TextField, text: str) -> Answer:
        return field.ask(self.host, self.run_id, text)

    def seen(self) -> list[str]:
        """Return what was opened or called under the name that no file has."""
        return (self.host.root.parent / "seen.txt").read_text().splitlines()

    def end(self) -> None:
        """Cancel what is queued, the last first, and what runs."""
        for run in self.host.request("GET", "runs?limit=1000").json()["runs"]:
            self.host.request("POST", f"runs/{run['run_id']}/cancel")
        self.host.settle()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    config = AUDIT.format(path=str(folder / "seen.txt"))
    with JupyterHost(folder, config=config).wait() as host:
        made = Watched(host)
        yield made
        made.end()


@pytest.mark.parametrize("label", FIELDS)
def test_nothing_that_a_field_names_is_opened_or_called(watched: Watched, label: str) -> None:
    before = watched.seen()
    statuses = [watched.ask(FIELDS[label], text).status for text in FORMS]
    assert watched.seen() == before
    if label in PROSE:
        assert max(statuses) < 500
    else:
        assert all(400 <= status < 500 for status in statuses), statuses


def test_the_notes_of_that_test_tell_what_is_opened(watched: Watched) -> None:
    before = len(watched.seen())
    watched.ask(FIELDS["inspectNotebook query path"], f"{CANARY}.ipynb")
    assert len(watched.seen()) > before


def test_every_field_of_prose_is_one() -> None:
    assert set(FIELDS) >= PROSE | LABELS | KEYS


def refuses(rule: Callable[[str], str], text: str) -> bool:
    try:
        rule(text)
    except InvalidName:
        return True
    return False


@pytest.mark.parametrize("label", sorted(set(FIELDS) - PROSE - KEYS - HEADERS))
def test_no_hostile_name_names_anything(watched: Watched, label: str) -> None:
    harmless = re.compile(HARMLESS.get(label, r"(?!)"))
    # An address is taken apart before anything of it is known: one route is as good as another.
    corpus = hostile_names()[:: 20 if "path run_id" in label and "getRun" not in label else 1]
    for text in corpus:
        if harmless.fullmatch(text) and not names.has_hidden(text):
            continue
        status = watched.ask(FIELDS[label], text).status
        assert 400 <= status < 500, (status, ascii(text))


@pytest.mark.parametrize("label", sorted(KEYS))
def test_no_hostile_name_is_a_key_but_for_the_plain_ones(watched: Watched, label: str) -> None:
    for text in hostile_names():
        if label == "submitRun key tags" and not refuses(names.key, text):
            continue
        status = watched.ask(FIELDS[label], text).status
        assert status == 400 if refuses(names.key, text) else status in (200, 404), ascii(text)


@pytest.mark.parametrize("label", sorted(LABELS))
def test_a_hostile_name_is_a_label_only_as_the_prose_it_shows(watched: Watched, label: str) -> None:
    field = FIELDS[label]
    for text in hostile_names():
        answer = watched.ask(field, text)
        if refuses(names.label, text):
            assert answer.status == 400, ascii(text)
        elif answer.status != 409:  # there is an experiment of this name already
            assert answer.status in (200, 201), ascii(text)
            shown = json.loads(answer.body)[field.name]
            assert names.canonical(shown) == names.canonical(names.label(text))
