from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.execution import cookie
from jupyter_mlops.execution.launch_request import LaunchRequest
from jupyter_mlops.execution.launcher_client import LauncherClient
from tests.workspace import until


@pytest.fixture
def client() -> Iterator[LauncherClient]:
    made = LauncherClient()
    yield made
    made.close()


def request(home: Path) -> LaunchRequest:
    return LaunchRequest(
        home=str(home),
        run_id=new_run_id(),
        environment={},
        secrets={},
        kernel_spec={},
        over_tcp=False,
    )


def ready(client: LauncherClient, home: Path) -> psutil.Process:
    """The launcher once it has imported everything: it answers, if only with a refusal."""
    client.start()
    with pytest.raises(Unavailable, match="cannot start"):
        client.ask(request(home))
    assert client.pid is not None
    return psutil.Process(client.pid)


def test_the_idle_launcher_is_small_and_has_one_thread(client: LauncherClient, home: Path) -> None:
    launcher = ready(client, home)
    assert launcher.memory_full_info().pss < 120 << 20
    assert launcher.num_threads() == 1
    until(lambda: not launcher.children(), "the child that was asked to be collected")


def test_nothing_that_a_run_needs_is_imported_by_each_run_anew() -> None:
    code = (
        "import sys\n"
        "from jupyter_mlops.execution.preload import preload\n"
        "preload()\n"
        "known = set(sys.modules)\n"
        "import jupyter_mlops.execution.reaper\n"
        "print(sorted(set(sys.modules) - known))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_run_that_has_no_directory_is_refused(client: LauncherClient, home: Path) -> None:
    with pytest.raises(Unavailable, match="cannot start"):
        client.ask(request(home))


def test_starting_twice_starts_one(client: LauncherClient) -> None:
    client.start()
    first = client.pid
    client.start()
    assert client.pid == first


def test_it_is_replaced_once_packages_were_installed(home: Path, tmp_path: Path) -> None:
    client = LauncherClient(watched=[tmp_path])
    first = ready(client, home)
    (tmp_path / "package-1.0.dist-info").mkdir()
    second = ready(client, home)
    client.close()
    assert second.pid != first.pid
    assert not first.is_running()


@pytest.mark.parametrize("bytes_long", [67, 68, 200])
def test_a_long_folder_for_temporary_files_keeps_no_run_from_starting(
    client: LauncherClient,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bytes_long: int,
) -> None:
    folder = Path("/tmp") / f"jm-test-{new_run_id()}".ljust(bytes_long - 5, "x")  # noqa: S108
    folder.mkdir(mode=0o700)
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        ready(client, home)
    finally:
        client.close()
        shutil.rmtree(folder)


def test_a_system_that_refuses_a_process_is_a_reason_and_no_crash(
    client: LauncherClient, home: Path
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Nothing can be opened; what is open stays so.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(Unavailable, match="cannot be started: Too many open files"):
            client.ask(request(home))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    ready(client, home)


def test_its_socket_is_closed_to_others(client: LauncherClient) -> None:
    client.start()
    assert client.pid is not None
    folder = Path(psutil.Process(client.pid).cwd())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    client.close()
    assert not folder.exists()


def test_it_leaves_when_its_owner_is_killed(home: Path) -> None:
    code = (
        "import time\n"
        "from jupyter_mlops.execution.launcher_client import LauncherClient\n"
        "client = LauncherClient(); client.start(); print(client.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        launcher = psutil.Process(int(owner.stdout.readline()))
        folder = Path(launcher.cwd())
        owner.kill()
    until(lambda: not launcher.is_running(), "the launcher to leave")
    assert not folder.exists()


def test_it_is_executed_with_no_more_than_it_needs(
    client: LauncherClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "canary")
    monkeypatch.setenv("DATABASE_PASSWORD", "canary")
    seen = ready(client, home).environ()
    assert "canary" not in seen.values()
    assert seen[cookie.VARIABLE] == cookie.PLACEHOLDER
    assert seen["PATH"] == os.environ["PATH"]


def test_a_key_pressed_in_the_servers_terminal_does_not_reach_it(client: LauncherClient) -> None:
    client.start()
    assert client.pid is not None
    assert os.getsid(client.pid) == client.pid


def test_a_module_in_the_servers_folder_is_not_imported(
    client: LauncherClient, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "psutil.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert ready(client, home).is_running()


def test_the_placeholder_is_overwritten_in_place() -> None:
    run_id = new_run_id()
    code = (
        "import os, sys\n"
        "from jupyter_mlops.execution.cookie import overwrite_placeholder\n"
        "overwrite_placeholder(sys.argv[1])\n"
        "print(os.environ['JMLOPS_RUN_ID'] == sys.argv[1], flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, run_id]
    environment = {**os.environ, cookie.VARIABLE: cookie.PLACEHOLDER}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert psutil.Process(process.pid).environ()[cookie.VARIABLE] == run_id
        assert psutil.Process(process.pid).environ()["PATH"] == os.environ["PATH"]


def test_a_process_without_the_placeholder_is_not_written_into(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(cookie.VARIABLE, "1" * 32)
    with pytest.raises(RuntimeError, match="placeholder"):
        cookie.overwrite_placeholder(new_run_id())
    with pytest.raises(ValueError, match="characters"):
        cookie.overwrite_placeholder("short")
