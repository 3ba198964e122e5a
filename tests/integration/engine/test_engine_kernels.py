"""Kernels of all kinds: without our package, in another language, and what is recorded of them."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jupyter_mlops
from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.domain.spool import EnvironmentCaptured, MetricsLogged, ParametersLogged

if TYPE_CHECKING:
    import pytest

    from tests.integration.engine.conftest import Bench

PACKAGE = Path(jupyter_mlops.__file__).parent

# An interpreter that cannot import our package, as in an environment without it.
WITHOUT_PACKAGE = """
import importlib.machinery, sys
from pathlib import Path
class Hidden(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "jupyter_mlops":
            path = [entry for entry in sys.path if entry.endswith("prelude")]
        return super().find_spec(name, path, target)
sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, Hidden]
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""

ECHO_KERNEL = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
class Echo(Kernel):
    implementation = "echo"
    implementation_version = "1"
    banner = "echo"
    language_info = {"name": "%s", "version": "4.4", "mimetype": "text/x-r", "file_extension": ".R"}
    def do_execute(self, code, silent, store_history=True, user_expressions=None,
                   allow_stdin=False, **kwargs):
        if not silent:
            self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [],
                "user_expressions": {}}
IPKernelApp.launch_instance(kernel_class=Echo)
"""


BROKEN_KERNEL = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from jupyter_client.session import Session
class Broken(Kernel):
    implementation = implementation_version = banner = "broken"
    language_info = {"name": "broken", "mimetype": "text/plain", "file_extension": ".x"}
    def do_execute(self, code, silent, store_history=True, user_expressions=None,
                   allow_stdin=False, **kwargs):
        socket, parent = self.iopub_socket, self.get_parent()
        def say(kind, content):
            self.session.send(socket, kind, content, parent=parent)
        say("display_data", {"data": 5, "metadata": None, "transient": []})
        say("display_data", {"data": {"text/plain": None}, "metadata": {}})
        say("execute_result", {"data": {}, "metadata": {}, "execution_count": "x"})
        say("stream", {"name": None, "text": None})
        say("stream", {"text": ["a", "b"]})
        say("error", {"traceback": "none", "ename": None})
        say("update_display_data", {"transient": {"display_id": 7}})
        say("clear_output", {})
        say("stream", {"name": "stdout", "text": "kept"})
        say("execute_input", {"execution_count": -1})
        say("comm_open", {"comm_id": 1, "data": []})
        say("comm_msg", {"comm_id": "unknown", "data": {"state": 3}})
        say("unheard_of", {"x": 1})
        Session(key=b"wrong").send(
            socket, "stream", {"name": "stdout", "text": "forged"}, parent=parent)
        socket.send_multipart([b"no message at all"])
        text = self.session.serialize(self.session.msg("stream", parent=parent))
        text[5] = b"{no json"
        text[1] = self.session.sign(text[2:6])
        socket.send_multipart(text)
        deep = self.session.serialize(self.session.msg("display_data", parent=parent))
        deep[5] = b'{"data": {"application/json": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
        deep[1] = self.session.sign(deep[2:6])
        socket.send_multipart(deep)
        return {"status": "ok", "execution_count": None, "payload": 3, "user_expressions": 4}
IPKernelApp.launch_instance(kernel_class=Broken)
"""


def test_what_a_broken_kernel_sends_does_not_break_the_run(bench: Bench) -> None:
    bench.kernel_argv = [sys.executable, "-c", BROKEN_KERNEL, "-f", "{connection_file}"]
    bench.language = "broken"
    done = bench.run("x", "y")
    assert done.outcome.status is RunStatus.FINISHED
    assert done.states == ["completed", "completed"]
    assert "kept" in done.text(1)
    assert "forged" not in done.run.executed.read_text() + done.log


def test_a_kernel_without_our_package_can_log(bench: Bench) -> None:
    bench.kernel_argv = [sys.executable, "-c", WITHOUT_PACKAGE, "-f", "{connection_file}"]
    done = bench.run(
        "import jupyter_mlops\nprint(jupyter_mlops.__file__)\n"
        "jupyter_mlops.log_metric('loss', 0.5, step=3)",
        "%load_ext jupyter_mlops",
        "import jupyter_mlops.domain",
    )
    assert done.text(0).startswith(str(done.run.path / "prelude"))
    [logged] = done.of_type(MetricsLogged)
    assert (logged.m, logged.s) == ({"loss": 0.5}, 3)
    # Only the part that needs nothing but the standard library is lent.
    assert done.outcome.message == "ModuleNotFoundError: No module named 'jupyter_mlops.domain'"


def test_a_kernel_without_our_package_masks_the_secrets_that_it_logs(bench: Bench) -> None:
    bench.kernel_argv = [sys.executable, "-c", WITHOUT_PACKAGE, "-f", "{connection_file}"]
    done = bench.run(
        "import os, jupyter_mlops\n"
        "jupyter_mlops.log_param('key', os.environ['JMLOPS_SECRET_TOKEN'])",
        secrets={"TOKEN": "canary-0123456789"},
    )
    assert done.outcome.status is RunStatus.FINISHED, done.outcome.message
    [logged] = done.of_type(ParametersLogged)
    assert logged.p == {"key": "***"}


def test_an_installed_package_wins_over_the_lent_one(bench: Bench) -> None:
    done = bench.run("import jupyter_mlops, sys\nprint(jupyter_mlops.__file__, sys.path[-1])")
    file, last = done.text(0).split()
    assert file == str(PACKAGE / "__init__.py")
    assert last == str(done.run.path / "prelude")


def test_the_prelude_leaves_no_trace_in_the_notebook(bench: Bench) -> None:
    done = bench.run("print({n for n in globals() if not n.startswith('_')}, In)")
    ours = "print({n for n in globals() if not n.startswith('_')}, In)"
    names, _, history = done.text(0).partition("} ")
    assert set(re.findall(r"\w+", names)) == {"In", "Out", "exit", "get_ipython", "open", "quit"}
    assert history == f"{['', ours]}\n"
    assert done.code[0].execution_count == 1


def test_a_kernel_of_another_language_runs_and_gets_its_parameters(bench: Bench) -> None:
    bench.kernel_argv = [sys.executable, "-c", ECHO_KERNEL % "R", "-f", "{connection_file}"]
    bench.language = "R"
    done = bench.run(
        ("a = 1", ["parameters"]),
        "print(a)",
        parameters=[BoundParameter(key="a", type="list", value=[1, True], secret=False)],
        kernel_name="ir",
    )
    assert done.outcome.status is RunStatus.FINISHED
    assert done.text(1) == "# Parameters\na = list(1, TRUE)\n"
    assert done.notebook.metadata.language_info.name == "R"
    assert done.notebook.metadata.kernelspec.name == "ir"
    [captured] = done.of_type(EnvironmentCaptured)
    environment = captured.environment
    assert (environment.language, environment.language_version) == ("R", "4.4")
    assert environment.packages == []


def test_parameters_for_a_language_that_cannot_be_written_are_refused(bench: Bench) -> None:
    bench.kernel_argv = [sys.executable, "-c", ECHO_KERNEL % "echo", "-f", "{connection_file}"]
    bench.language = "echo"
    done = bench.run("x", parameters=[BoundParameter(key="a", type="int", value=1, secret=False)])
    assert done.outcome.reason is Reason.REFUSED
    assert done.outcome.message == "Parameters cannot be given to notebooks in echo."


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_names_that_are_no_text_cost_the_run_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    (packages / "sound-1.0.dist-info").mkdir(parents=True)
    os.mkdir(bytes(packages) + b"/caf\xe9-1.0.dist-info")  # noqa: PTH102 - a Path is text
    (packages / "sitecustomize.py").write_text(
        "import sys\nsys.path += ['\\udce9']\nsys.executable = '/opt/caf\\udce9/python'\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(packages))
    done = bench.run("print('ok')")
    assert done.outcome.status is RunStatus.FINISHED
    environment = done.of_type(EnvironmentCaptured)[-1].environment
    assert environment.interpreter == "/opt/caf?/python"
    names = {package.name for package in environment.packages}
    assert "sound" in names
    assert not any(name.startswith("caf") for name in names)


def test_a_kernel_that_tells_nonsense_of_itself_runs(bench: Bench) -> None:
    told = json.dumps({"path": ["nul\0", "/nowhere"], "interpreter": 5, "version": ["x"]})
    answer = {"jupyter_mlops_facts": {"data": {"text/plain": repr(told)}}}
    code = (ECHO_KERNEL % "python").replace(
        '"user_expressions": {}', f'"user_expressions": {answer}'
    )
    bench.kernel_argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
    done = bench.run("print('ok')")
    assert done.outcome.status is RunStatus.FINISHED
    environment = done.of_type(EnvironmentCaptured)[-1].environment
    assert (environment.interpreter, environment.language_version) == (None, "4.4")


def test_host_interpreter_packages_and_commit_are_recorded(bench: Bench) -> None:
    git(bench.folder, "init", "-b", "main")
    (bench.folder / "code.py").write_text("x = 1")
    git(bench.folder, "add", "code.py")
    git(bench.folder, "commit", "-m", "first")
    git(bench.folder, "remote", "add", "origin", "https://user:pa55word@example.org/team/repo.git")
    done = bench.run("print('ok')")
    [captured] = done.of_type(EnvironmentCaptured)
    environment = captured.environment
    assert environment.kernel_name == "python3"
    assert environment.kernel_display_name == "Test kernel"
    assert environment.language == "python"
    assert environment.language_version == platform.python_version()
    assert environment.interpreter == sys.executable
    assert environment.hostname == platform.node()
    assert environment.cpu_count
    assert environment.memory_bytes
    git_state = environment.git
    assert git_state is not None
    assert git_state.commit == git(bench.folder, "rev-parse", "HEAD")
    assert (git_state.branch, git_state.dirty) == ("main", False)
    assert git_state.remote == "https://example.org/team/repo.git"
    installed = {
        re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(): found.version
        for found in importlib.metadata.distributions()
    }
    recorded = {package.name: package.version for package in environment.packages}
    assert recorded == installed


def test_a_working_tree_that_takes_long_to_compare_costs_the_run_no_commit(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(bench.folder, "init", "-b", "main")
    git(bench.folder, "commit", "--allow-empty", "-m", "first")
    slow = tmp_path / "git"
    slow.write_text(
        "#!/bin/sh\n"
        'for word in "$@"; do [ "$word" = status ] && exec sleep 60; done\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    slow.chmod(0o755)
    commit = git(bench.folder, "rev-parse", "HEAD")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    [captured] = bench.run("pass").of_type(EnvironmentCaptured)
    git_state = captured.environment.git
    assert git_state is not None
    assert (git_state.commit, git_state.dirty) == (commit, None)


def test_packages_installed_by_the_notebook_are_recorded_too(bench: Bench, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    launch = "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    code = f"import sys; sys.path.append({str(site)!r})\n{launch}"
    bench.kernel_argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
    done = bench.run(
        "import time; time.sleep(1)",
        f"import os; os.mkdir({str(site)!r} + '/late_one-2.1+local.dist-info')",
    )
    before, after = (record.environment for record in done.of_type(EnvironmentCaptured))
    assert "late-one" not in {package.name for package in before.packages}
    [late] = [package for package in after.packages if package.name == "late-one"]
    assert late.version == "2.1+local"
    assert before.packages_digest != after.packages_digest


def test_the_environment_is_recorded_when_the_notebook_fails(bench: Bench) -> None:
    done = bench.run("1 / 0")
    [captured] = done.of_type(EnvironmentCaptured)
    assert captured.environment.packages
    assert captured.environment.git is None
