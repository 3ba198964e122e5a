"""Notebooks that use MLflow's own clients log to the server that runs them, without a word about it."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_kernel import LiveKernel
from tests.tracking_host import TrackingHost
from tests.workspace import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

FULL, SMALL_2 = "mlflow==3.17.2", "mlflow-skinny==2.22.5"
# The client's environment has no ipykernel: it gets ours, behind everything of its own.
LAUNCH = (
    "import sys; sys.path.append({ours!r}); "
    "from ipykernel.kernelapp import launch_new_instance as launch; launch()"
)
FIT = """
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
fitted = LogisticRegression(max_iter=200).fit(*load_iris(return_X_y=True))
"""
OPEN = """
import mlflow
outer = mlflow.start_run()
inner = mlflow.start_run(nested=True)
print(outer.info.run_id, inner.info.run_id)
"""


@pytest.fixture(scope="module")
def host(
    tmp_path_factory: pytest.TempPathFactory, client_python: Callable[[str], Path]
) -> Iterator[TrackingHost]:
    """A server with a kernel for each client."""
    folder = tmp_path_factory.mktemp("server")
    for client in (FULL, SMALL_2):
        kernel = folder / "data" / "kernels" / kernel_of(client)
        kernel.mkdir(parents=True)
        code = LAUNCH.format(ours=sysconfig.get_path("purelib"))
        argv = [str(client_python(client)), "-c", code, "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": client, "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec))
    # What the server cannot answer must show, and not after minutes.
    environ = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "GIT_PYTHON_REFRESH": "quiet"}
    running = TrackingHost(folder, environ=environ)
    running.wait()
    yield running
    assert running.stop() == 0


def kernel_of(client: str) -> str:
    return client.replace("==", "-")


def run(host: TrackingHost, path: str, *cells: str, client: str = FULL, **fields: Any) -> Any:
    """Run a notebook to its end; return the run."""
    run_id = host.submit(path, *cells, kernel_name=kernel_of(client), **fields)
    until(lambda: host.run(run_id)["ended_at"], f"the end of {path}", seconds=300)
    return host.run(run_id)


def metrics_of(run: Any) -> set[str]:
    return {each["key"] for each in run["metrics"]}


def children(host: TrackingHost, run_id: str) -> list[Any]:
    """Return the runs that call ``run_id`` their parent."""
    runs = host.request("GET", "runs?limit=200").json()["runs"]
    found = [host.run(each["run_id"]) for each in runs]
    return [each for each in found if host.tags(each["run_id"]).get("mlflow.parentRunId") == run_id]


def test_a_notebook_from_a_tutorial_is_the_run_that_it_opens(host: TrackingHost) -> None:
    done = run(
        host,
        "tutorial.ipynb",
        "import mlflow\nmlflow.set_experiment('MLflow Quickstart')\nmlflow.autolog()",
        f"with mlflow.start_run(run_name='first', tags={{'team': 'a'}}) as own:\n"
        f"    mlflow.log_param('solver_of_mine', 'lbfgs')\n{_indented(FIT)}"
        "print(own.info.run_id)",
        "with mlflow.start_run(run_name='second') as other:\n    mlflow.log_metric('x', 1)\n"
        "print(other.info.run_id)",
    )
    assert (done["status"], done["message"]) == ("FINISHED", None)
    own, other = [word for word in host.printed(done["run_id"]) if len(word) == 32]
    assert own == done["run_id"]
    assert (done["name"], done["experiment"]) == ("first", "MLflow Quickstart")
    assert "training_accuracy_score" in metrics_of(done)
    assert host.tags(own)["team"] == "a"
    assert [each["run_id"] for each in children(host, own)] == [other]
    assert host.run(other)["experiment"] == "MLflow Quickstart"


def _indented(source: str) -> str:
    return "".join(f"    {line}\n" for line in source.strip().splitlines())


def test_autologging_fills_the_run_of_a_notebook_that_never_names_mlflow(
    host: TrackingHost,
) -> None:
    done = run(host, "plain.ipynb", FIT, autolog=True)
    assert (done["status"], done["message"]) == ("FINISHED", None)
    assert "training_accuracy_score" in metrics_of(done)
    assert {each["key"]: each["value"] for each in done["parameters"]}["max_iter"] in (200, "200")
    assert children(host, done["run_id"]) == []
    without = run(host, "plain.ipynb", FIT, autolog=False)
    assert metrics_of(without) == set()


def test_a_parameter_that_training_logs_too_fails_no_training(host: TrackingHost) -> None:
    fit = FIT.replace("200", "max_iter + 1")
    done = run(host, "given.ipynb", fit, parameters={"max_iter": 300}, autolog=True)
    assert (done["status"], done["message"]) == ("FINISHED", None)
    assert "training_accuracy_score" in metrics_of(done)


@pytest.mark.parametrize("client", [FULL, SMALL_2])
def test_a_notebook_that_fails_makes_no_run_finished(host: TrackingHost, client: str) -> None:
    failed = run(host, "fails.ipynb", OPEN, "1 / 0", client=client)
    assert (failed["status"], failed["reason"]) == ("FAILED", "cell_error")
    own, inner = [word for word in host.printed(failed["run_id"]) if len(word) == 32][:2]
    assert own == failed["run_id"]
    assert host.run(inner)["status"] == "FAILED"
    assert host.tags(inner)["mlflow.parentRunId"] == own


@pytest.mark.parametrize("client", [FULL, SMALL_2])
def test_runs_in_a_kernel_that_is_shut_down_are_cancelled(host: TrackingHost, client: str) -> None:
    with LiveKernel(host, "dir/live.ipynb", kernel_name=kernel_of(client)) as kernel:
        outer, inner = kernel.run(OPEN).split()[-2:]
        assert host.run(outer)["notebook"] == "dir/live.ipynb"
        assert host.tags(outer)["mlflow.source.name"] == "dir/live.ipynb"
        assert host.tags(outer)["mlflow.source.type"] == "NOTEBOOK"
        assert host.tags(outer)["mlflow.user"] == "olive"
        kernel.shut_down()
    for run_id in (outer, inner):
        assert host.ended(run_id)[:2] == ("KILLED", "cancelled")


def test_what_a_person_trains_is_registered_and_loaded_by_alias(host: TrackingHost) -> None:
    assert host.request("PATCH", "preferences", {"autolog": True}).status == 200
    with LiveKernel(host, "dir/registry.ipynb", kernel_name=kernel_of(FULL)) as kernel:
        kernel.run(FIT)
        said = kernel.run(
            "import mlflow\n"
            "client = mlflow.MlflowClient()\n"
            "run = mlflow.last_active_run()\n"
            "version = mlflow.register_model(f'runs:/{run.info.run_id}/model', 'iris')\n"
            "client.set_registered_model_alias('iris', 'champion', version.version)\n"
            "loaded = mlflow.sklearn.load_model('models:/iris@champion')\n"
            "X, y = load_iris(return_X_y=True)\n"
            "print('same', (loaded.predict(X) == fitted.predict(X)).all(), run.info.run_id)"
        )
    host.request("PATCH", "preferences", {"autolog": False})
    same, run_id = said.split()[-2:]
    assert same == "True"
    trained = host.run(run_id)
    assert (trained["notebook"], trained["status"]) == ("dir/registry.ipynb", "FINISHED")
    assert "training_accuracy_score" in metrics_of(trained)
