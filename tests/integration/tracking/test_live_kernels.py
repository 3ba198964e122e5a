"""A kernel that a person works in logs to its server by its environment, for as long as it lives."""

from __future__ import annotations

import json

import pytest

from tests.jupyter_host import BASE_URL
from tests.live_kernel import LiveKernel
from tests.tracking_host import TrackingHost

START = "from tests.tracking_client import *\nprint(start_run(), end='')"
SHUT_DOWN = ("KILLED", "cancelled", "The kernel was shut down while this run was open.")
DIED = ("FAILED", "kernel_died", "The kernel died while this run was open.")


def test_a_kernel_knows_where_to_log_and_as_what(host: TrackingHost, kernel: LiveKernel) -> None:
    found = kernel.environment()
    assert found.pop("MLFLOW_TRACKING_TOKEN").startswith("jmk_")
    assert json.loads(found.pop("MLFLOW_RUN_CONTEXT")) == {
        "mlflow.source.name": "dir/test_a_kernel_knows_where_to_log_and_as_what.ipynb",
        "mlflow.source.type": "NOTEBOOK",
        "mlflow.user": "olive",
    }
    assert found == {
        "MLFLOW_TRACKING_URI": f"http://{host.netloc}{BASE_URL}mlops",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def test_a_run_of_a_kernel_carries_its_notebook_and_user(
    host: TrackingHost, kernel: LiveKernel
) -> None:
    run = host.run(kernel.run(START))
    assert run["notebook"] == "dir/test_a_run_of_a_kernel_carries_its_notebook_and_user.ipynb"
    assert (run["user"], run["source_type"], run["status"]) == ("olive", "client", "RUNNING")


def test_a_renamed_notebook_is_known_by_its_new_name_at_once(
    host: TrackingHost, kernel: LiveKernel
) -> None:
    before = kernel.run(START)
    kernel.rename("other/new name.ipynb")
    after = kernel.run(START)
    assert host.run(before)["notebook"].startswith("dir/test_a_renamed")
    assert host.run(after)["notebook"] == "other/new name.ipynb"
    assert host.tags(after)["mlflow.source.name"] == "other/new name.ipynb"
    kernel.restart()
    assert "other/new name.ipynb" in kernel.environment()["MLFLOW_RUN_CONTEXT"]


def test_each_kernel_has_a_token_of_its_own_until_it_ends(
    host: TrackingHost, kernel: LiveKernel
) -> None:
    first = kernel.environment()["MLFLOW_TRACKING_TOKEN"]
    with LiveKernel(host, "other.ipynb") as other:
        second = other.environment()["MLFLOW_TRACKING_TOKEN"]
        assert [host.asked_with(each) for each in (first, second)] == [200, 200]
    assert [host.asked_with(each) for each in (first, second)] == [200, 401]
    kernel.restart()
    third = kernel.environment()["MLFLOW_TRACKING_TOKEN"]
    assert len({first, second, third}) == 3
    assert [host.asked_with(each) for each in (first, third)] == [401, 200]
    kernel.shut_down()
    assert host.asked_with(third) == 401


def test_runs_that_a_shutdown_cuts_off_are_cancelled_and_not_called_finished(
    host: TrackingHost, kernel: LiveKernel
) -> None:
    run_id = kernel.run(START)
    # As MLflow's client does.
    kernel.run(f"import atexit; atexit.register(end_run, {run_id!r})")
    done = kernel.run(START)
    kernel.run(f"end_run({done!r})")
    kernel.shut_down()
    assert host.ended(run_id) == SHUT_DOWN
    assert host.ended(done) == ("FINISHED", None, None)


def test_runs_that_a_restart_cuts_off_are_cancelled(host: TrackingHost, kernel: LiveKernel) -> None:
    run_id = kernel.run(START)
    kernel.restart()
    assert host.ended(run_id) == SHUT_DOWN


def test_runs_of_a_kernel_that_dies_fail_and_the_next_process_tracks_again(
    host: TrackingHost, kernel: LiveKernel
) -> None:
    run_id = kernel.run(START)
    token = kernel.environment()["MLFLOW_TRACKING_TOKEN"]
    kernel.die()
    assert host.ended(run_id) == DIED
    assert host.asked_with(token) == 401
    # Jupyter starts it again by itself.
    assert host.run(kernel.run(START))["status"] == "RUNNING"


def test_a_kernel_that_died_just_before_it_is_shut_down_died(
    host: TrackingHost, kernel: LiveKernel
) -> None:
    run_id = kernel.run(START)
    kernel.die()
    kernel.shut_down()
    assert host.ended(run_id) == DIED


def test_code_that_exits_shuts_its_kernel_down(host: TrackingHost, kernel: LiveKernel) -> None:
    run_id = kernel.run(START)
    kernel.client.execute("exit()")
    assert host.ended(run_id) == SHUT_DOWN
    kernel.disconnect()
    # Jupyter starts it again by itself.
    assert host.run(kernel.run(START))["status"] == "RUNNING"


def test_an_interrupt_is_no_end(host: TrackingHost, kernel: LiveKernel) -> None:
    run_id = kernel.run(START)
    address = f"api/kernels/{kernel.id}/interrupt"
    assert host.request("POST", address, {}, address=BASE_URL).status == 204
    kernel.run(f"end_run({run_id!r})")
    assert host.ended(run_id) == ("FINISHED", None, None)


def test_a_kernel_without_notebook_tracks_too(host: TrackingHost) -> None:
    with LiveKernel(host, None) as kernel:
        assert json.loads(kernel.environment()["MLFLOW_RUN_CONTEXT"]) == {"mlflow.user": "olive"}
        assert host.run(kernel.run(START))["notebook"] is None


@pytest.mark.parametrize(
    "metadata", [{}, {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}]
)
def test_a_kernelspec_that_goes_its_own_way_is_left_alone(
    host: TrackingHost, metadata: dict[str, object]
) -> None:
    name = "of-its-own" if metadata else "own-server"
    env = {} if metadata else {"MLFLOW_TRACKING_URI": "http://mlflow.example.org"}
    folder = host.root.parent / "data" / "kernels" / name
    folder.mkdir(parents=True)
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps({**spec, "env": env, "metadata": metadata}))
    with LiveKernel(host, kernel_name=name) as kernel:
        assert kernel.environment() == env
