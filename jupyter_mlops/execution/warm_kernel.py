"""A kernel forked from the launcher's preloaded interpreter, and which kernelspecs allow it."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.execution.forked_process import (
    ForkedProcess,
    close_all_files,
    fork,
    redirect,
    reset_signals,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from jupyter_client.kernelspec import KernelSpec

# The operating system, out of memory, should choose a kernel before those who watch it.
OOM_SCORE = "300"
# A run's code is in its notebook; the history of the user's own sessions is not its place.
IPYKERNEL_ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)

_forgotten: list[dict[str, ModuleType]] = []


def is_ipykernel(argv: list[str]) -> bool:
    """Tell whether a kernelspec's command is a Python that runs ipykernel as a module."""
    return "ipykernel_launcher" in argv or "ipykernel" in argv


def can_be_warm(spec: KernelSpec) -> bool:
    """Tell whether a kernel of ``spec`` may be forked instead of started.

    True for plain ipykernel in this very interpreter, with no environment and no provisioner of
    its own.
    """
    if len(spec.argv) < 5 or spec.env or "kernel_provisioner" in spec.metadata:
        return False
    program, *options = spec.argv
    plain = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    options = [option for option in options if option != "-Xfrozen_modules=off"]
    return options == plain and _is_this_interpreter(program)


def _is_this_interpreter(program: str) -> bool:
    version = sys.version_info
    if program in ("python", f"python{version[0]}", f"python{version[0]}.{version[1]}"):
        return True  # jupyter_client starts these with its own interpreter
    path = Path(program)
    own = Path(sys.executable)
    # The file behind the link is the same for all virtual environments; the folder is not.
    return (
        path.is_absolute()
        and path.exists()
        and path.parent.resolve() == own.parent.resolve()
        and path.resolve() == own.resolve()
    )


def fork_kernel(
    connection_file: Path,
    folder: Path,
    environment: Mapping[str, str],
    output: int,
    kernel_modules: frozenset[str],
    forget: Callable[[], None],
) -> ForkedProcess:
    """Fork a kernel that listens as ``connection_file`` says; no thread may run yet.

    It prints to the descriptor ``output`` and works in ``folder``. Of the preloaded modules it
    sees ``kernel_modules`` only. ``forget`` drops what its parent knows and it need not.
    """
    parent = os.getpid()

    def role() -> int:
        os.setsid()
        reset_signals()
        redirect(output)
        close_all_files()
        os.chdir(folder)
        _take_environment({**environment, "JPY_PARENT_PID": str(parent)})
        forget()
        _forget_inheritance(kernel_modules)
        return _run_kernel(connection_file, parent)

    return fork(role)


def _take_environment(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)


def _forget_inheritance(kernel_modules: frozenset[str]) -> None:
    """Make the process look as if it had been executed, not forked."""
    _forgotten.append(_take_out_modules(kernel_modules))
    gc.enable()


def _take_out_modules(kernel_modules: frozenset[str]) -> dict[str, ModuleType]:
    """Remove what only workers need from ``sys.modules``, and return it.

    Some packages look at their import where they run (tqdm chooses its bars). The modules stay
    in memory, which is shared. Packages with compiled parts stay known: not all can be
    initialised twice in one process.
    """
    expected = {name.partition(".")[0] for name in kernel_modules} | sys.stdlib_module_names
    extra: dict[str, list[str]] = {}
    for name in sys.modules:
        package = name.partition(".")[0]
        if package not in expected:
            extra.setdefault(package, []).append(name)
    return {
        name: sys.modules.pop(name)
        for names in extra.values()
        if not any(_is_compiled(sys.modules[name]) for name in names)
        for name in names
    }


def _is_compiled(module: Any) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(tuple(EXTENSION_SUFFIXES))


def _run_kernel(connection_file: Path, parent: int) -> int:
    # Both modules are in memory; this only names them.
    import ipykernel_launcher  # type: ignore[import-untyped]  # noqa: PLC0415
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415

    arguments = ["-f", str(connection_file), *IPYKERNEL_ARGUMENTS]
    sys.argv = [str(ipykernel_launcher.__file__), *arguments]
    code = 0
    try:
        IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={parent}"])
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter itself would do at its top
        traceback.print_exc()
        code = 1
    # What the interpreter does at its end, without the parent's frames below us.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    return code
