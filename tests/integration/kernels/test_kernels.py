from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager

from jupyter_mlops.domain.actors import Actor, owner
from jupyter_mlops.domain.errors import Busy, Forbidden, KernelUnavailable
from jupyter_mlops.execution.kernelspecs import InstalledKernels
from jupyter_mlops.services.kernels import CHECKS_MAX, KernelService
from tests.process_chain import alive

ADA = owner("ada")
MARK = "KERNEL_TEST_MARK"
PLAIN = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


class Kernels:
    """A folder of kernelspecs, all of whose processes carry one mark."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manager = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
        self.installed = InstalledKernels(manager)

    def add(self, name: str, argv: list[str], **more: Any) -> None:
        """Install a kernelspec."""
        path = self.folder / name
        path.mkdir(parents=True)
        spec = {"display_name": name.title(), "language": "python", "argv": argv, **more}
        (path / "kernel.json").write_text(json.dumps(spec))

    def add_marked(self, name: str, argv: list[str]) -> None:
        """Install a kernelspec whose processes can be found."""
        self.add(name, argv, env={MARK: str(self.folder)})

    def processes(self) -> list[psutil.Process]:
        """Return the living processes of all marked kernels."""
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.environ().get(MARK) == str(self.folder)
                if marked and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[Kernels]:
    made = Kernels(tmp_path)
    yield made
    left = made.processes()
    for process in left:
        process.kill()
    assert left == []


def service(kernels: Kernels, time_limit: float = 60.0) -> KernelService:
    return KernelService(kernels.installed, time_limit=time_limit)


def test_the_native_kernel_is_listed_first_as_warm_and_default() -> None:
    first = KernelService().list(ADA).kernels[0]
    assert (first.name, first.language) == ("python3", "python")
    assert (first.default, first.warm, first.interpreter) == (True, True, sys.executable)


def test_kernels_are_listed_by_the_name_that_users_see(kernels: Kernels) -> None:
    for name in ("zeta", "alpha", "python3"):
        kernels.add(name, [sys.executable, *PLAIN])
    assert [info.name for info in service(kernels).list(ADA).kernels] == [
        "python3",
        "alpha",
        "zeta",
    ]


def test_only_this_very_interpreter_is_warm(kernels: Kernels, tmp_path: Path) -> None:
    # Like the Python of another virtual environment: a link to the same file elsewhere.
    other = tmp_path / "elsewhere" / "python"
    other.parent.mkdir()
    other.symlink_to(Path(sys.executable).resolve())
    kernels.add("own", [sys.executable, *PLAIN])
    kernels.add("other", [str(other), *PLAIN])
    kernels.add("changed", [sys.executable, *PLAIN], env={"PYTHONPATH": "/x"})
    warm = {info.name: info.warm for info in service(kernels).list(ADA).kernels}
    assert warm == {"own": True, "other": False, "changed": False}


def test_a_kernel_installed_meanwhile_is_seen(kernels: Kernels) -> None:
    kernel_service = service(kernels)
    assert kernel_service.list(ADA).kernels == []
    kernels.add("new", [sys.executable, *PLAIN])
    assert kernel_service.resolve("new", "python").name == "new"


def test_a_notebook_without_a_kernel_gets_one_of_its_language(kernels: Kernels) -> None:
    kernels.add("ir", ["R", "-e", "IRkernel::main()"], language="R")
    kernels.add("python3", [sys.executable, *PLAIN])
    kernel_service = service(kernels)
    assert kernel_service.resolve(None, "python").name == "python3"
    assert kernel_service.resolve(None, "r").name == "ir"
    with pytest.raises(KernelUnavailable, match="No kernel for julia") as caught:
        kernel_service.resolve(None, "julia")
    assert caught.value.field == "kernel_name"


@pytest.mark.parametrize("name", ["gone", "", "../python3", "a/b", "\0", "x" * 10_000])
def test_a_kernel_that_is_not_installed_is_refused_with_those_that_are(
    kernels: Kernels, name: str
) -> None:
    kernels.add("python3", [sys.executable, *PLAIN])
    kernel_service = service(kernels)
    for ask in (
        lambda: kernel_service.resolve(name, "python"),
        lambda: kernel_service.check(ADA, name),
    ):
        with pytest.raises(KernelUnavailable, match="Choose one of: python3"):
            ask()


def test_a_name_in_other_capitals_is_found(kernels: Kernels) -> None:
    kernels.add("my-env", [sys.executable, *PLAIN])
    assert service(kernels).resolve("My-Env", "python").name == "my-env"


def test_a_check_starts_the_kernel_and_leaves_no_process(kernels: Kernels) -> None:
    kernels.add_marked("good", [sys.executable, *PLAIN])
    found = service(kernels).check(ADA, "good")
    assert (found.ok, found.message) == (True, "The kernel starts and answers.")
    assert found.implementation == "ipython"
    assert found.language_version == ".".join(map(str, sys.version_info[:3]))
    assert found.duration_ms > 0
    assert kernels.processes() == []


def test_a_check_gives_the_kernel_no_credentials(
    kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    monkeypatch.setenv("HARMLESS", "kept")
    seen = tmp_path / "environment.json"
    code = f"import json, os; json.dump(dict(os.environ), open({str(seen)!r}, 'w'))"
    kernels.add_marked("curious", [sys.executable, "-c", code, "{connection_file}"])
    assert not service(kernels).check(ADA, "curious").ok
    environment = json.loads(seen.read_text())
    assert environment["HARMLESS"] == "kept"
    assert "canary" not in environment.values()


def test_a_kernel_that_opens_no_socket_passes_over_tcp_and_the_next_check_knows_it(
    kernels: Kernels, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    code = f"""
import json, os, sys, time
transport = json.load(open(sys.argv[1]))["transport"]
open({str(starts)!r}, "a").write(transport + " ")
if transport != "tcp":
    time.sleep(600)
os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", "-f", sys.argv[1]])
"""
    kernels.add_marked("silent", [sys.executable, "-c", code, "{connection_file}"])
    asked = service(kernels, time_limit=9.0)
    assert asked.check(ADA, "silent").ok
    assert starts.read_text() == "ipc tcp "
    assert asked.check(ADA, "silent").ok
    assert starts.read_text() == "ipc tcp tcp "
    assert kernels.processes() == []


def test_a_kernel_that_ends_at_once_is_told_with_its_last_words(kernels: Kernels) -> None:
    code = "import sys; print('first line'); sys.exit('No module named ipykernel_launcher')"
    kernels.add_marked("broken", [sys.executable, "-c", code, "{connection_file}"])
    found = service(kernels).check(ADA, "broken")
    assert not found.ok
    assert "did not start" in found.message
    assert found.message.endswith("No module named ipykernel_launcher")


def test_a_kernel_without_its_program_cannot_start(kernels: Kernels) -> None:
    kernels.add_marked("lost", ["/nowhere/bin/python", *PLAIN])
    found = service(kernels).check(ADA, "lost")
    assert not found.ok
    assert "was not found" in found.message
    assert found.implementation is None


STUBBORN = """
import os, signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
time.sleep(600)
"""


def test_a_kernel_that_never_answers_is_ended_with_all_that_it_started(kernels: Kernels) -> None:
    kernels.add_marked("stubborn", [sys.executable, "-c", STUBBORN, "{connection_file}"])
    found = service(kernels, time_limit=1.5).check(ADA, "stubborn")
    assert not found.ok
    assert "did not answer within 1.5 s" in found.message
    assert kernels.processes() == []


def test_a_check_whose_server_dies_ends_by_itself(kernels: Kernels, tmp_path: Path) -> None:
    kernels.add_marked("stubborn", [sys.executable, "-c", STUBBORN, "{connection_file}"])
    code = (
        "from jupyter_mlops.execution.kernel_check import check_kernel\n"
        "from jupyter_mlops.execution.kernelspecs import InstalledKernels\n"
        "from jupyter_client.kernelspec import KernelSpecManager\n"
        f"installed = InstalledKernels(KernelSpecManager(kernel_dirs=[{str(kernels.folder)!r}]))\n"
        "check_kernel('stubborn', installed.spec('stubborn'), time_limit=3.0)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    wait_until(lambda: bool(kernels.processes()))
    (probe,) = psutil.Process(server.pid).children()
    server.kill()
    server.wait()
    assert alive([probe.pid])
    wait_until(lambda: not alive([probe.pid]))
    assert kernels.processes() == []


def wait_until(reached: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_too_many_checks_at_once_are_turned_away(kernels: Kernels) -> None:
    sleep = "import time; time.sleep(600)"
    kernels.add_marked("slow", [sys.executable, "-c", sleep, "{connection_file}"])
    kernel_service = service(kernels, time_limit=3.0)
    threads = [
        threading.Thread(target=kernel_service.check, args=(ADA, "slow")) for _ in range(CHECKS_MAX)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(kernels.processes()) == CHECKS_MAX)
    with pytest.raises(Busy):
        kernel_service.check(ADA, "slow")
    for thread in threads:
        thread.join()
    kernels.add_marked("good", [sys.executable, *PLAIN])
    assert service(kernels).check(ADA, "good").ok


def test_who_may_not_use_kernels_can_neither_list_nor_start_them(kernels: Kernels) -> None:
    kernels.add_marked("good", [sys.executable, *PLAIN])
    nobody = Actor(user="eve", display_name="Eve", scopes=frozenset({"mlops:kernels:read"}))
    kernel_service = service(kernels)
    assert len(kernel_service.list(nobody).kernels) == 1
    with pytest.raises(Forbidden):
        kernel_service.check(nobody, "good")
    with pytest.raises(Forbidden):
        kernel_service.list(Actor(user="eve", display_name="Eve", scopes=frozenset()))
