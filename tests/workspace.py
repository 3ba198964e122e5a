"""A workspace for tests of the whole core: a root folder with notebooks, a home, an open core."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_mlops.api import door
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.bootstrap import Adapters, compose
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import Actor, owner
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.events import Event
from jupyter_mlops.domain.mlflow_address import MlflowAddress
from jupyter_mlops.domain.runs import TERMINAL, NewRun, Rerun, Run, RunPage, RunStatus
from jupyter_mlops.domain.trash import Purged
from jupyter_mlops.settings import Settings
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database

T = TypeVar("T")
WAIT_SECONDS = 60.0


def until(look: Callable[[], T | None], what: str, seconds: float = WAIT_SECONDS) -> T:
    """Return the first true answer of ``look``; fail with ``what`` when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Workspace:
    """A root folder and a home in ``folder``, and a core over them that can be opened again.

    ``address`` is where MLflow's clients in runs are told to log to.
    """

    def __init__(
        self,
        folder: Path,
        *,
        start: bool = True,
        adapters: Adapters | None = None,
        address: MlflowAddress | None = None,
        **settings: Any,
    ) -> None:
        self.root = folder / "root"
        self.home = folder / "home"
        self.root.mkdir(exist_ok=True)
        self.actor: Actor = owner("ada")
        self._settings = {"concurrency": 2, **settings}
        self._compose = partial(compose, adapters=adapters or Adapters(), address=lambda: address)
        self._core: Core | None = None
        if start:
            self.open_core()

    @property
    def core(self) -> Core:
        """The open core."""
        assert self._core is not None, "no core is open"
        return self._core

    def open_core(self) -> None:
        """Open a core over the store, as a server does when it starts."""
        self._core = Core(Settings(root=self.root, home=self.home, **self._settings), self._compose)
        self._core.start()
        self._core.check()

    def notebook(self, path: str, *cells: str, parameters: str | None = None) -> str:
        """Write a notebook of code cells, the first tagged as parameters if given."""
        made = []
        if parameters is not None:
            made.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
        made += [new_code_cell(source) for source in cells]
        book = new_notebook(
            cells=made,
            metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        )
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, target)
        return path

    def ask(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None = None,
        /,
        *,
        request_key: str | None = None,
        **query: Any,
    ) -> Any:
        """Go through the door as the workspace's actor; return what the route answers.

        ``request_key`` is its idempotency key. Raises the MlopsError of a refusal.
        """
        route, variables = door.find(method, path)
        data = b"" if body is None else msgspec.json.encode(body)
        header = {} if request_key is None else {"Idempotency-Key": request_key}
        words = urlencode(query, doseq=True)
        request = door.parse(route, self.actor, variables, words, header, data)
        answer = door.answer(self.core.services, route, request).body
        if isinstance(answer, FileBlob):
            return answer
        return msgspec.json.decode(answer, type=route.answer)

    def submit(self, notebook: str, *, request_key: str | None = None, **fields: Any) -> Run:
        """Queue a run."""
        run: Run = self.ask(
            "POST", "runs", NewRun(notebook=notebook, **fields), request_key=request_key
        )
        return run

    def cancel(self, run_id: str) -> Run:
        """Ask for a run to stop."""
        run: Run = self.ask("POST", f"runs/{run_id}/cancel")
        return run

    def rerun(self, run_id: str, **fields: Any) -> Run:
        """Queue the recorded source of a run again."""
        run: Run = self.ask("POST", f"runs/{run_id}/rerun", Rerun(**fields))
        return run

    def trash(self, run_id: str) -> Run:
        """Move a run to the trash."""
        run: Run = self.ask("DELETE", f"runs/{run_id}")
        return run

    def purge(self, run_id: str) -> Purged:
        """Delete a run in the trash for good."""
        purged: Purged = self.ask("POST", f"runs/{run_id}/purge")
        return purged

    def page(self, **query: Any) -> RunPage:
        """Return the first page of the runs that match, newest first."""
        page: RunPage = self.ask("GET", "runs", **query)
        return page

    def artifacts(self, run_id: str) -> list[Artifact]:
        """Return the files of a run."""
        files: list[Artifact] = self.ask("GET", f"runs/{run_id}/artifacts").artifacts
        return files

    def events(self) -> list[Event]:
        """Return what happened, the first thousand events."""
        log: list[Event] = self.ask("GET", "events", limit=1000).events
        return log

    def insert(self, row: runs.NewRunRow) -> None:
        """Put a row into the store from beside, as another program would."""
        database = Database.open(self.home / "store.db")
        with database.write() as connection:
            runs.insert(connection, row)
        database.close()

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        run: Run = self.ask("GET", f"runs/{run_id}")
        return run

    def ended(self, run_id: str, seconds: float = WAIT_SECONDS) -> Run:
        """Wait until a run has ended and return it."""
        return until(
            lambda: run if (run := self.run(run_id)).status in TERMINAL else None,
            f"the end of the run; it is {self.run(run_id).status}",
            seconds,
        )

    def running(self, run_id: str, cells_done: int = 0) -> Run:
        """Wait until a run is under way and has passed so many cells."""

        def look() -> Run | None:
            run = self.run(run_id)
            assert run.status not in TERMINAL, run.message
            going = run.status is RunStatus.RUNNING and run.progress.current_cell is not None
            return run if going and run.progress.cells_done >= cells_done else None

        return until(look, "the run to be under way")

    def executed(self, run_id: str) -> Any:
        """Return the executed notebook of a run."""
        blob = self.ask("GET", f"runs/{run_id}/notebook")
        with blob.file as file:
            file.seek(0)
            return nbformat.reads(file.read().decode(), as_version=4)

    def close(self) -> None:
        """Close the core, if one is open."""
        if self._core is not None:
            self._core.close()
            self._core = None
