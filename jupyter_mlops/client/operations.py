"""The operations of the REST door as methods of one client, over any transport."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from jupyter_mlops.client import answers
from jupyter_mlops.client.errors import UNREACHABLE, ClientError
from jupyter_mlops.client.waiting import wait, watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from jupyter_mlops.client.transport import Transport

_ATTEMPTS = 3


class Client:
    """Asks one server, or the store of this machine, through a transport.

    Answers are plain dictionaries with typed keys (`client.answers`). Every method raises
    ClientError when the request is refused or nothing answers.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the transport; runs under way go on."""
        self._transport.close()

    def status(self) -> answers.ServerStatus:
        """Return the state of store and queue."""
        return cast(answers.ServerStatus, self._get("status"))

    def events(self, after: int, limit: int | None = None) -> answers.EventPage:
        """Return what happened after the cursor ``after``, a ``seq``."""
        return cast(answers.EventPage, self._get("events", after=after, limit=limit))

    def experiments(self) -> list[answers.Experiment]:
        """Return experiments, the most recently used first; the server gives 1,000 at most."""
        return cast("list[answers.Experiment]", self._get("experiments")["experiments"])

    def experiment(self, name: str) -> answers.Experiment:
        """Return the experiment of this name, regardless of case; refused as ``not_found``."""
        found = cast("list[answers.Experiment]", self._get("experiments", name=name)["experiments"])
        if not found:
            raise ClientError("There is no such experiment.", code="not_found", status=404)
        return found[0]

    def create_experiment(self, name: str, description: str = "") -> answers.Experiment:
        """Create an experiment; its name is unique regardless of case.

        A request that got no answer is repeated under the same key: one experiment comes of it.
        """
        body = {"name": name, "description": description}
        return cast(answers.Experiment, self._send_once("experiments", body))

    def kernels(self) -> list[answers.KernelSpecInfo]:
        """Return the installed kernelspecs, the default first."""
        return cast("list[answers.KernelSpecInfo]", self._get("kernels")["kernels"])

    def check_kernel(self, name: str) -> answers.KernelCheck:
        """Start a kernel and see whether it answers."""
        return cast(answers.KernelCheck, self._send("POST", f"kernels/{_part(name)}/check"))

    def preferences(self) -> answers.Preferences:
        """Return what the user prefers."""
        return cast(answers.Preferences, self._get("preferences"))

    def prefer(self, *, autolog: bool) -> answers.Preferences:
        """Let MLflow log training by itself, or not, in kernels that start from now on."""
        return cast(answers.Preferences, self._send("PATCH", "preferences", {"autolog": autolog}))

    def inspect(self, notebook: str) -> answers.NotebookInspection:
        """Return the parameters and kernel of the notebook at a contents path."""
        return cast(answers.NotebookInspection, self._get("notebooks/parameters", path=notebook))

    def submit(
        self,
        notebook: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        experiment: str | None = None,
        name: str | None = None,
        kernel_name: str | None = None,
        time_limit: float | None = None,
        save_to: str | None = None,
        save_to_folder: str | None = None,
        tags: Mapping[str, str] | None = None,
        autolog: bool | None = None,
    ) -> answers.Run:
        """Queue a run of the notebook at a contents path; ``time_limit`` is in seconds.

        A copy of the executed notebook goes to the contents path ``save_to``, or under a name of
        its own into ``save_to_folder``, which is made if it is missing.
        ``autolog`` says whether MLflow logs training by itself; None is what the user prefers.
        A request that got no answer is repeated under the same key: one run comes of it.
        """
        body = {
            "notebook": notebook,
            "parameters": dict(parameters or {}),
            "experiment": experiment,
            "name": name,
            "kernel_name": kernel_name,
            "time_limit": time_limit,
            "save_to": save_to,
            "save_to_folder": save_to_folder,
            "tags": dict(tags or {}),
            "autolog": autolog,
        }
        return cast(answers.Run, self._send_once("runs", body))

    def rerun(
        self, run_id: str, parameters: Mapping[str, Any] | None = None, name: str | None = None
    ) -> answers.Run:
        """Queue the recorded source of a run again; ``parameters`` replace recorded ones."""
        body = {"parameters": dict(parameters or {}), "name": name}
        return cast(answers.Run, self._send_once(f"runs/{_part(run_id)}/rerun", body))

    def runs(
        self,
        *,
        experiment_id: int | None = None,
        status: Sequence[str] = (),
        notebook: str | None = None,
        text: str | None = None,
        parent: str | None = None,
        deleted: bool = False,
        cursor: str | None = None,
        limit: int = 100,
    ) -> answers.RunPage:
        """Return one page of runs, newest first; ``limit`` is at most 1000.

        ``parent`` is the id of the run that they are parts of.
        """
        page = self._get(
            "runs",
            experiment_id=experiment_id,
            status=list(status) or None,
            notebook=notebook,
            q=text,
            parent=parent,
            deleted="true" if deleted else None,
            cursor=cursor,
            limit=limit,
        )
        return cast(answers.RunPage, page)

    def run(self, run_id: str) -> answers.Run:
        """Return one run."""
        return cast(answers.Run, self._get(f"runs/{_part(run_id)}"))

    def change(
        self,
        run_id: str,
        *,
        name: str | None = None,
        note: str | None = None,
        experiment: str | None = None,
    ) -> answers.Run:
        """Rename a run, edit its note or move it to an experiment; None leaves a field alone."""
        given = {"name": name, "note": note, "experiment": experiment}
        body = {key: value for key, value in given.items() if value is not None}
        return cast(answers.Run, self._send("PATCH", f"runs/{_part(run_id)}", body))

    def watch(self, run_id: str) -> Iterator[answers.Run]:
        """Yield a run now, after each change, and a last time when it has ended."""
        return watch(self, run_id)

    def wait(self, run_id: str) -> answers.Run:
        """Return a run when it has ended, however it ended."""
        return wait(self, run_id)

    def cancel(self, run_id: str) -> answers.Run:
        """Ask for a run to stop; it has stopped when its status says so."""
        return cast(answers.Run, self._send("POST", f"runs/{_part(run_id)}/cancel"))

    def delete(self, run_id: str) -> answers.Run:
        """Move an ended run to the trash."""
        return cast(answers.Run, self._send("DELETE", f"runs/{_part(run_id)}"))

    def restore(self, run_id: str) -> answers.Run:
        """Take a run back out of the trash."""
        return cast(answers.Run, self._send("POST", f"runs/{_part(run_id)}/restore"))

    def purge(self, run_id: str) -> answers.Purged:
        """Delete a run in the trash for good, with its files; it cannot be undone."""
        return cast(answers.Purged, self._send("POST", f"runs/{_part(run_id)}/purge"))

    def trash(self) -> answers.TrashContents:
        """Return how much is in the trash."""
        return cast(answers.TrashContents, self._send("GET", "trash"))

    def empty_trash(self) -> answers.Purged:
        """Delete what is in the trash for good, as much as a few seconds allow; it cannot be undone.

        Repeat it while there are runs ``remaining``.
        """
        return cast(answers.Purged, self._send("POST", "trash/empty"))

    def set_tag(self, run_id: str, key: str, value: str) -> answers.Run:
        """Set one tag of a run."""
        body = {"key": key, "value": value}
        return cast(answers.Run, self._send("PUT", f"runs/{_part(run_id)}/tags", body))

    def delete_tag(self, run_id: str, key: str) -> answers.Run:
        """Remove one tag of a run."""
        run = self._json("DELETE", f"runs/{_part(run_id)}/tags", {"key": key})
        return cast(answers.Run, run)

    def history(self, run_id: str, key: str, max_points: int | None = None) -> answers.History:
        """Return a metric of a run over its steps, thinned to at most ``max_points``."""
        history = self._get(f"runs/{_part(run_id)}/metrics", key=key, max_points=max_points)
        return cast(answers.History, history)

    def cells(self, run_id: str) -> list[answers.Cell]:
        """Return the code cells of a run in notebook order."""
        return cast("list[answers.Cell]", self._get(f"runs/{_part(run_id)}/cells")["cells"])

    def log(self, run_id: str, after: int = 0, limit: int | None = None) -> answers.LogPage:
        """Return the log from byte ``after`` on; -1 asks for the last ``limit`` bytes."""
        page = self._get(f"runs/{_part(run_id)}/log", after=after, limit=limit)
        return cast(answers.LogPage, page)

    def environment(self, run_id: str) -> dict[str, Any]:
        """Return where a run ran; refused as ``not_found`` until that was captured."""
        return self._get(f"runs/{_part(run_id)}/environment")

    def notebook(self, run_id: str, kind: str = "executed") -> dict[str, Any]:
        """Return the ``source`` or ``executed`` notebook of a run, live while it runs."""
        return self._get(f"runs/{_part(run_id)}/notebook", kind=kind)

    def artifacts(self, run_id: str) -> list[answers.Artifact]:
        """Return the files of a run by path."""
        listed = self._get(f"runs/{_part(run_id)}/artifacts")["artifacts"]
        return cast("list[answers.Artifact]", listed)

    def artifact(self, run_id: str, path: str) -> bytes:
        """Return the bytes of one file of a run."""
        return self._bytes("GET", f"runs/{_part(run_id)}/artifacts/content", {"path": path})

    def _get(self, path: str, /, **query: object) -> dict[str, Any]:
        return self._json("GET", path, {k: v for k, v in query.items() if v is not None})

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        return self._json(method, path, None, body)

    def _send_once(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post with a key by which the server knows a repetition; repeat while nothing answers."""
        headers = {"Idempotency-Key": os.urandom(16).hex()}
        left = _ATTEMPTS
        while True:
            left -= 1
            try:
                return self._json("POST", path, None, body, headers)
            except ClientError as error:
                if error.status != 0 or left == 0:
                    raise

    def _json(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        content = self._bytes(method, path, query, body, headers)
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ClientError(
                "The answer is not that of a server with Jupyter MLOps.", code=UNREACHABLE
            )
        return answer

    def _bytes(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        try:
            sent = None if body is None else json.dumps(body, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise ClientError(
                f"These values cannot be sent: {error}.", code="invalid_request"
            ) from error
        status, _, content = self._transport.request(method, path, query or None, sent, headers)
        if 200 <= status < 300:
            return content
        raise _refusal(status, content)


def _part(text: str) -> str:
    return quote(text, safe="")


def _refusal(status: int, content: bytes) -> ClientError:
    try:
        problem = json.loads(content)
        return ClientError(
            str(problem["detail"]),
            code=str(problem["code"]),
            status=status,
            field=problem.get("field"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # Not our server's words: Jupyter's own login, a proxy, a server without the extension.
        message = {
            401: "The server asks for a token.",
            403: "The server refused: is the token right?",
            404: "This server does not have Jupyter MLOps, or it is disabled there.",
        }.get(status, f"The server answered with HTTP status {status}.")
        code = "unauthenticated" if status in (401, 403) else UNREACHABLE
        return ClientError(message, code=code, status=status)
