"""The executed notebook while it grows, and when the disk refuses."""

from __future__ import annotations

import resource
import threading
from typing import TYPE_CHECKING

import nbformat
import pytest

from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.domain.spool import NotebookSaved
from tests.integration.engine.conftest import notebook_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.engine.conftest import Bench


def test_the_file_is_a_valid_notebook_at_every_instant(bench: Bench) -> None:
    drive = bench.prepare(
        notebook_of(
            *["import time\nfor n in range(12): print('x' * 100_000, flush=True); time.sleep(.05)"]
            * 5
        )
    )
    over = threading.Event()
    seen: set[tuple[str, ...]] = set()
    faults: list[BaseException] = []

    def read() -> None:
        path = bench.runs[-1].executed
        while not over.is_set():
            if not path.exists():
                continue
            try:
                notebook = nbformat.read(path, as_version=4)
                nbformat.validate(notebook)
            except BaseException as fault:  # noqa: BLE001 - a test's thread must tell
                faults.append(fault)
                return
            seen.add(tuple(cell.metadata.papermill.status for cell in notebook.cells))

    reader = threading.Thread(target=read)
    reader.start()
    done = drive()
    over.set()
    reader.join()
    assert faults == []
    assert ("pending",) * 5 in seen
    assert any("running" in states for states in seen)
    assert done.states == ["completed"] * 5


def test_a_running_cell_is_saved_with_what_it_has_shown_so_far(bench: Bench) -> None:
    done = bench.run(
        "import json, os, time\n"
        "print('so far', flush=True)\n"
        "path = os.path.join(os.environ['JMLOPS_RUN_DIR'], 'executed.ipynb')\n"
        "deadline = time.time() + 20\n"
        "while 'so far\\\\n' not in open(path).read() and time.time() < deadline:\n"
        "    time.sleep(.1)\n"
        "print(json.load(open(path))['cells'][0]['metadata']['papermill']['status'])"
    )
    assert done.text(0) == "so far\nrunning\n"


def test_large_outputs_are_not_written_again_for_every_cell(bench: Bench) -> None:
    show = "display({'image/png': png}, raw=True)"
    done = bench.run(
        "import base64, os\npng = base64.b64encode(os.urandom(750_000)).decode()", *[show] * 20
    )
    size = done.run.executed.stat().st_size
    written = sum(record.size for record in done.of_type(NotebookSaved))
    assert size > 20_000_000
    assert written < 2.4 * size


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let the system refuse files over 100 kB, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_leaves_the_last_good_notebook(
    bench: Bench, small_files: None
) -> None:
    done = bench.run("print('x' * 300_000)", "x = 1")
    assert done.outcome.status is RunStatus.FINISHED
    assert done.outcome.message is not None
    assert done.outcome.message.startswith("The executed notebook could not be saved: ")
    assert [cell.source for cell in done.code] == ["print('x' * 300_000)", "x = 1"]
    assert not list(done.run.path.glob(".executed*"))
