"""Kernels of every kind at their start: those that come up, and those that do not."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.kernel_environment import kernel_environment, run_environment
from tests.process_chain import ProcessChain

IPYKERNEL = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
# What ipykernel and jupyter_client themselves add.
OF_THE_KERNEL = {
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "GIT_PAGER",
    "JPY_PARENT_PID",
    "MPLBACKEND",
    "PAGER",
    "PYDEVD_USE_FRAME_EVAL",
    "TERM",
}
# Speaks to its client over TCP only, and says so as kernels do: by dying.
ONLY_TCP = """
import json, os, sys
file = sys.argv[1]
if json.load(open(file))["transport"] != "tcp":
    sys.exit("unknown transport")
os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", "-f", file])
"""
# Takes any transport, and over IPC listens to something of its own (JeroMQ to a TCP port): no socket
# comes, and no word either. It notes how it was started.
SILENT_OVER_IPC = """
import json, os, sys, time
file = sys.argv[1]
transport = json.load(open(file))["transport"]
open("starts", "a").write(f"{transport} {os.getpid()}\\n")
if transport != "tcp":
    time.sleep(600)
os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", "-f", file])
"""


# Waits for a machine that nobody gives it.
PATIENT_PROVISIONER = """
import time
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

class Patient(LocalProvisioner):
    async def launch_kernel(self, cmd, **options):
        time.sleep(600)
"""


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[ProcessChain]:
    folder = tmp_path / "folder"
    folder.mkdir()
    specs = KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])
    made = ProcessChain(tmp_path / "home", folder, specs)
    yield made
    made.close()


@pytest.fixture
def install(tmp_path: Path) -> Any:
    """Install a kernelspec under the name ``test``."""

    def write(argv: list[str], **fields: Any) -> None:
        where = tmp_path / "kernels" / "test"
        where.mkdir(parents=True)
        spec = {"argv": argv, "display_name": "Test", "language": "python", **fields}
        (where / "kernel.json").write_text(json.dumps(spec))

    return write


def test_a_kernel_that_never_answers_is_given_up(chain: ProcessChain, install: Any) -> None:
    install([str(shutil.which("sleep")), "600"])
    run_id = chain.start("pass", kernel_name="test", start_timeout=1.5)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.START_TIMEOUT)
    assert "'Test' did not answer within 1.5 s" in str(result.message)
    assert chain.left(run_id, []) == []


def test_a_provisioner_that_waits_for_ever_is_given_up(
    chain: ProcessChain, install: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packages = tmp_path / "packages"
    (packages / "patient-1.0.dist-info").mkdir(parents=True)
    (packages / "patient-1.0.dist-info" / "METADATA").write_text("Name: patient\nVersion: 1.0\n")
    (packages / "patient-1.0.dist-info" / "entry_points.txt").write_text(
        "[jupyter_client.kernel_provisioners]\npatient = patient:Patient\n"
    )
    (packages / "patient.py").write_text(PATIENT_PROVISIONER)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.syspath_prepend(packages)
    install(IPYKERNEL, metadata={"kernel_provisioner": {"provisioner_name": "patient"}})
    # It knows the provisioners that were installed when it was made.
    KernelProvisionerFactory.clear_instance()
    try:
        result = chain.ended(chain.start("pass", kernel_name="test", start_timeout=1.5))
    finally:
        KernelProvisionerFactory.clear_instance()
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.START_TIMEOUT)
    assert "'Test' was not started within 1.5 s" in str(result.message)


def test_a_kernel_that_dies_at_its_start_leaves_its_last_words(
    chain: ProcessChain, install: Any
) -> None:
    install([sys.executable, "-c", "import sys; sys.exit('license expired')"])
    result = chain.ended(chain.start("pass", kernel_name="test"))
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.KERNEL_DIED)
    assert "'Test' did not start" in str(result.message)
    assert "license expired" in str(result.message)


def test_an_environment_without_ipykernel_says_so(chain: ProcessChain, install: Any) -> None:
    install([sys.executable, "-I", "-S", *IPYKERNEL[1:]])
    result = chain.ended(chain.start("pass", kernel_name="test"))
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.KERNEL_DIED)
    assert "No module named ipykernel" in str(result.message)


def test_a_kernel_whose_program_is_missing_is_refused(chain: ProcessChain, install: Any) -> None:
    install(["/opt/gone/bin/python", *IPYKERNEL[1:]])
    result = chain.ended(chain.start("pass", kernel_name="test"))
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.REFUSED)
    assert "'python' was not found" in str(result.message)
    assert "/opt/gone" not in str(result.message)


def test_a_run_whose_folder_is_gone_is_refused(chain: ProcessChain, install: Any) -> None:
    install(IPYKERNEL)
    run_id = chain.start("pass", kernel_name="test", working_directory=str(chain.folder / "gone"))
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.REFUSED)
    assert "folder does not exist" in str(result.message)


@pytest.mark.parametrize("warm", [True, False])
def test_a_folder_for_sockets_that_somebody_made_before_is_not_used(
    chain: ProcessChain, install: Any, warm: bool
) -> None:
    install(IPYKERNEL)
    run_id = new_run_id()
    sockets = chain.executor.directory(run_id).sockets
    assert sockets is not None
    sockets.mkdir()
    sockets.chmod(0o755)
    chain.start("print('never')", kernel_name="test", warm=warm, run_id=run_id)
    result = chain.ended(run_id)
    assert (result.status, result.reason) == (RunStatus.FAILED, Reason.REFUSED)
    assert "Somebody else made the folder" in str(result.message)


@pytest.mark.parametrize("warm", [True, False])
def test_kernels_are_spoken_to_over_ipc(chain: ProcessChain, install: Any, warm: bool) -> None:
    install(IPYKERNEL)
    run_id = chain.start("print('up')", kernel_name="test", warm=warm)
    assert chain.ended(run_id).status is RunStatus.FINISHED
    directory = chain.executor.directory(run_id)
    assert json.loads(directory.connection.read_text())["transport"] == "ipc"
    assert not directory.sockets.exists()


def test_a_kernel_that_knows_tcp_only_is_spoken_to_over_tcp(
    chain: ProcessChain, install: Any
) -> None:
    (chain.folder / "only_tcp.py").write_text(ONLY_TCP)
    install([sys.executable, str(chain.folder / "only_tcp.py"), "{connection_file}"])
    run_id = chain.start("print('up')", kernel_name="test")
    assert chain.ended(run_id).status is RunStatus.FINISHED
    assert chain.printed(run_id) == "up\n"
    connection = json.loads(chain.executor.directory(run_id).connection.read_text())
    assert connection["transport"] == "tcp"


def test_a_kernel_that_opens_no_socket_is_spoken_to_over_tcp_and_that_is_remembered(
    chain: ProcessChain, install: Any
) -> None:
    (chain.folder / "silent.py").write_text(SILENT_OVER_IPC)
    install([sys.executable, str(chain.folder / "silent.py"), "{connection_file}"])
    run_id = chain.start("print('up')", kernel_name="test", start_timeout=9.0)
    result = chain.ended(run_id)
    assert result.status is RunStatus.FINISHED, result.message
    assert chain.printed(run_id) == "up\n"
    starts = [line.split() for line in chain.note("starts").splitlines()]
    assert [transport for transport, _ in starts] == ["ipc", "tcp"]
    assert chain.left(run_id, [int(pid) for _, pid in starts]) == []
    chain.executor.discard(run_id)
    assert chain.ended(chain.start("1", kernel_name="test")).status is RunStatus.FINISHED
    assert [line.split()[0] for line in chain.note("starts").splitlines()] == ["ipc", "tcp", "tcp"]


@pytest.mark.parametrize("warm", [True, False])
def test_a_long_folder_for_temporary_files_is_the_programs_own_and_harms_no_run(
    chain: ProcessChain,
    install: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    warm: bool,
) -> None:
    install(IPYKERNEL)
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", None)
    run_id = chain.start(
        "import tempfile; print(tempfile.gettempdir())", kernel_name="test", warm=warm
    )
    result = chain.ended(run_id)
    assert result.status is RunStatus.FINISHED, result.message
    assert chain.printed(run_id) == f"{long}\n"
    connection = json.loads(chain.executor.directory(run_id).connection.read_text())
    assert connection["transport"] == "ipc"
    assert not Path(connection["ip"]).parent.exists()


def test_a_kernelspec_with_an_environment_of_its_own_is_honoured(
    chain: ProcessChain, install: Any
) -> None:
    install(IPYKERNEL, env={"FLAVOUR": "vanilla"})
    run_id = chain.start("import os; print(os.environ['FLAVOUR'])", kernel_name="test")
    chain.ended(run_id)
    assert chain.printed(run_id) == "vanilla\n"


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("mode", ["deny", "allow"])
def test_a_run_sees_exactly_the_environment_of_its_mode(
    chain: ProcessChain,
    install: Any,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    warm: bool,
) -> None:
    install(IPYKERNEL)
    for name in (
        "JPY_API_TOKEN",
        "JUPYTERHUB_API_TOKEN",
        "JUPYTERHUB_SERVICE_PREFIX",
        "JUPYTER_TOKEN",
        "JMLOPS_TOKEN",
    ):
        monkeypatch.setenv(name, "canary-of-a-token")
    monkeypatch.setenv("AWS_REGION", "canary-of-the-user")
    monkeypatch.setenv("DATA_ROOT", "/data")
    run_id = chain.start(
        "import json, os; print(json.dumps(dict(os.environ)))",
        "print(open('/proc/self/environ').read())",
        kernel_name="test",
        warm=warm,
        environment_mode=mode,
        environment_allowed=["DATA_ROOT"],
        secrets={"password": "p4ssw0rd-of-the-run"},
    )
    assert chain.ended(run_id).status is RunStatus.FINISHED
    seen = json.loads(chain.printed(run_id))
    expected = kernel_environment(
        run_environment(os.environ, mode, ["DATA_ROOT"]),
        chain.executor.directory(run_id),
        {"password": "***"},
    )
    assert {name: value for name, value in seen.items() if name not in OF_THE_KERNEL} == {
        name: value for name, value in expected.items() if name not in OF_THE_KERNEL
    }
    assert "canary-of-a-token" not in chain.printed(run_id, 0) + chain.printed(run_id, 1)
    assert ("AWS_REGION" in seen) is (mode == "deny")
    assert seen["DATA_ROOT"] == "/data"
    if warm or mode == "allow":
        assert "canary-of-the-user" not in chain.printed(run_id, 1)


# What a cell can reach of the process that its kernel is a fork of.
LOOK_AROUND = """
import gc, os, sys
os.environ.pop("JMLOPS_SECRET_password")
def names():
    for frame in sys._current_frames().values():
        while frame is not None:
            for name, value in frame.f_locals.items():
                holders = [value, *getattr(value, "__dict__", {}).values()]
                if any("canary-of" + "-the" in repr(holder) for holder in holders):
                    yield f"{frame.f_code.co_name}.{name}"
            frame = frame.f_back
    for item in gc.get_objects():
        if type(item) is dict and ("AWS_SECRET" in item or "password" in item):
            yield "a dictionary"
print(sorted(names()))
"""


def test_a_warm_kernel_finds_nothing_of_the_server_below_its_own_frames(
    chain: ProcessChain, install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(IPYKERNEL)
    monkeypatch.setenv("AWS_SECRET", "canary-of-the-server")
    run_id = chain.start(
        LOOK_AROUND,
        kernel_name="test",
        warm=True,
        environment_mode="allow",
        secrets={"password": "canary-of-the-run"},
    )
    assert chain.ended(run_id).status is RunStatus.FINISHED
    assert chain.printed(run_id) == "[]\n"
