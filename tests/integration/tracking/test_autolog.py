"""Who switches autologging on gets it in kernels and runs from then on, and in no others."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.live_kernel import LiveKernel
from tests.tracking_host import TrackingHost

# What MLflow has that the hook speaks to.
MLFLOW = {
    "mlflow/__init__.py": "def autolog(**options): print('autolog', end='')",
    "mlflow/utils/__init__.py": "",
    "mlflow/utils/autologging_utils.py": "AUTOLOGGING_INTEGRATIONS = {}",
}
HOOKED = "import sys; print(type(sys.meta_path[0]).__name__ == 'Hook', end='')"


@pytest.fixture(autouse=True)
def mlflow(host: TrackingHost) -> None:
    """Put a small MLflow into the folder in which notebooks run."""
    for name, source in MLFLOW.items():
        path = host.root / "autolog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


@pytest.fixture
def switched_on(host: TrackingHost) -> Iterator[None]:
    """The user of the kernels wants autologging."""
    assert host.request("PATCH", "preferences", {"autolog": True}).status == 200
    yield
    assert host.request("PATCH", "preferences", {"autolog": False}).status == 200


def test_a_kernel_autologs_only_if_its_user_switched_it_on(
    host: TrackingHost, request: pytest.FixtureRequest
) -> None:
    with LiveKernel(host, "autolog/before.ipynb") as kernel:
        request.getfixturevalue("switched_on")
        assert kernel.run("import mlflow") == ""
    with LiveKernel(host, "autolog/after.ipynb") as kernel:
        assert kernel.run("import mlflow") == "autolog"
        kernel.restart()
        assert kernel.run("import mlflow") == "autolog"


@pytest.mark.usefixtures("switched_on")
def test_the_hook_is_in_no_history_and_leaves_no_name(host: TrackingHost) -> None:
    with LiveKernel(host, "autolog/n.ipynb") as kernel:
        names = "print(sorted(name for name in globals() if name[0] != '_'), end='')"
        assert kernel.run(names) == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit']"
        assert kernel.run("print(len(In), len(Out), end='')") == "3 0"
        assert kernel.run(HOOKED) == "True"


@pytest.mark.usefixtures("switched_on")
def test_a_kernel_of_another_language_is_sent_no_python(host: TrackingHost) -> None:
    folder = host.root.parent / "data" / "kernels" / "other-language"
    folder.mkdir(parents=True)
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Other", "language": "julia"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    with LiveKernel(host, "autolog/n.ipynb", kernel_name="other-language") as kernel:
        assert kernel.environment()["MLFLOW_TRACKING_TOKEN"].startswith("jmk_")
        assert kernel.run(HOOKED) == "False"


@pytest.mark.parametrize("autolog", [True, False])
def test_a_run_autologs_if_its_request_says_so(host: TrackingHost, autolog: bool) -> None:
    run_id = host.submit("autolog/run.ipynb", "import mlflow", autolog=autolog)
    assert host.ended(run_id)[0] == "FINISHED"
    assert host.printed(run_id) == (["autolog"] if autolog else [])


@pytest.mark.usefixtures("switched_on")
def test_a_run_whose_request_does_not_say_autologs_as_its_user_prefers(host: TrackingHost) -> None:
    run_id = host.submit("autolog/preferred.ipynb", "import mlflow")
    assert host.ended(run_id)[0] == "FINISHED"
    assert host.printed(run_id) == ["autolog"]
