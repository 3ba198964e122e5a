"""What code asks of a running server: run a notebook, list runs, tell how things stand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.client import Client, ClientError, HttpTransport, find_server
from jupyter_mlops.client.contents_path import contents_path, optional_path
from jupyter_mlops.client.parameter_text import from_text
from jupyter_mlops.client.wording import progress
from jupyter_mlops.home import product_home
from jupyter_mlops.kernel.active_run import current_run
from jupyter_mlops.kernel.displays import RecordedRun, RunList, StatusCard

if TYPE_CHECKING:
    from jupyter_mlops.client.discovery import Server


def run(
    notebook: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    experiment: str | None = None,
    name: str | None = None,
    kernel_name: str | None = None,
    time_limit: float | None = None,
    save_to: str | None = None,
    save_to_folder: str | None = None,
    autolog: bool | None = None,
    wait: bool = False,
) -> RecordedRun:
    """Queue a run of the notebook at a path; with ``wait`` return when it has ended.

    ``time_limit`` is in seconds. A copy of the executed notebook goes to the path ``save_to``, or
    under a name of its own into ``save_to_folder``, which is made if it is missing. ``autolog``
    says whether MLflow logs training by itself; None is what you prefer in JupyterLab. Raises
    ClientError when the run is refused or no server runs.
    """
    server, client = _connect(Path(notebook).expanduser().absolute())
    submitted = client.submit(
        contents_path(notebook, server.root),
        parameters,
        experiment=experiment,
        name=name,
        kernel_name=kernel_name,
        time_limit=time_limit,
        save_to=optional_path(save_to, server.root, field="save_to"),
        save_to_folder=optional_path(save_to_folder, server.root, field="save_to_folder"),
        autolog=autolog,
    )
    ordered = RecordedRun(client, submitted)
    return _followed(ordered) if wait else ordered


def runs(last: int = 10, experiment: str | None = None) -> RunList:
    """Return the newest runs, of one experiment if it is named; raises ClientError."""
    _, client = _connect(None)
    wanted = None if experiment is None else client.experiment(experiment)["experiment_id"]
    page = client.runs(experiment_id=wanted, limit=last)
    return RunList(RecordedRun(client, each) for each in page["runs"])


def status() -> StatusCard:
    """Return how things stand: the run that calls go to, the server, and where to look."""
    server = find_server()
    told = None
    if server is not None:
        try:
            told = Client(HttpTransport(server.url, server.token)).status()
        except ClientError:
            server = None
    return StatusCard(current_run(), None if server is None else server.url, told, product_home())


def parameters_from_text(notebook: str, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return parameters given as (key, text) as the notebook at a path types them.

    Raises ClientError.
    """
    server, client = _connect(Path(notebook).expanduser().absolute())
    return from_text(client.inspect(contents_path(notebook, server.root)), pairs)


def _connect(near: Path | None) -> tuple[Server, Client]:
    server = find_server(near)
    if server is None:
        raise ClientError(
            "No running Jupyter server with Jupyter MLOps was found; start one with `jupyter lab`.",
            code="unreachable",
        )
    return server, Client(HttpTransport(server.url, server.token))


def _followed(ordered: RecordedRun) -> RecordedRun:
    """Show the run's progress on one line until it ends; an interrupt leaves it running."""
    shown = 0
    try:
        for state in ordered.client.watch(ordered.run_id):
            ordered = RecordedRun(ordered.client, state)
            line = progress(state)
            sys.stdout.write("\r" + line.ljust(shown))
            sys.stdout.flush()
            shown = len(line)
    except KeyboardInterrupt:
        sys.stdout.write(f"\nThe run {ordered.run_id[:8]} goes on.\n")
        raise
    sys.stdout.write("\r" + " " * shown + "\r")
    sys.stdout.flush()
    return ordered
