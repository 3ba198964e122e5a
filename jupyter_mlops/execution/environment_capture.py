"""The surroundings of a run, found out beside it: host, code state, packages of its kernel.

Packages are read from the names in the folders of the kernel's ``sys.path`` (a millisecond, while
asking ``importlib.metadata`` inside the kernel takes a tenth of a second), again at the end, as a
notebook may install some.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

from jupyter_mlops.domain.environments import Environment, GitState, Package
from jupyter_mlops.domain.spool import EnvironmentCaptured
from jupyter_mlops.execution.git_state import git_state

if TYPE_CHECKING:
    from jupyter_mlops.domain.run_spec import RunSpec
    from jupyter_mlops.execution.spool_writer import SpoolWriter
    from jupyter_mlops.execution.started_kernel import StartedKernel

_DISTRIBUTION = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(-py[\d.]+)?\.(dist|egg)-info")
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CPU_INFO = Path("/proc/cpuinfo")


class EnvironmentCapture:
    """Collects in a thread of its own and reports once, or again when packages changed."""

    def __init__(
        self,
        spec: RunSpec,
        kernel: StartedKernel,
        kernel_info: dict[str, Any],
        report: SpoolWriter,
    ) -> None:
        self._spec = spec
        self._kernel = kernel
        self._language = _language(kernel_info)
        self._report = report
        self._facts: dict[str, Any] = {}
        self._facts_known = threading.Event()
        self._reported: Environment | None = None
        self._git: GitState | None = None
        self._over = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._collect, name="environment", daemon=True)
        self._thread.start()

    def know(self, facts: dict[str, Any]) -> None:
        """Take what the kernel's interpreter said of itself (`prelude.read_facts`)."""
        self._facts = facts
        self._facts_known.set()

    def finish(self, patience: float) -> None:
        """Report what is known within ``patience`` seconds; the run is over."""
        self._facts_known.set()
        self._thread.join(patience)
        with self._lock:
            self._over = True
            packages = _packages(self._facts.get("path"))
            if self._reported is None:
                # git is still comparing files; the rest is known.
                self._write(self._environment(self._git, packages))
            elif packages != self._reported.packages:
                digest = _digest(packages)
                self._write(
                    msgspec.structs.replace(
                        self._reported, packages=packages, packages_digest=digest
                    )
                )

    def _collect(self) -> None:
        git = git_state(self._spec.working_directory, self._know_git)
        self._facts_known.wait()
        environment = self._environment(git, _packages(self._facts.get("path")))
        with self._lock:
            # Once `finish` is over, the spool may be closed.
            if not self._over:
                self._write(environment)

    def _know_git(self, so_far: GitState) -> None:
        self._git = so_far

    def _environment(self, git: GitState | None, packages: list[Package]) -> Environment:
        language, version = self._language
        return Environment(
            kernel_name=self._kernel.name,
            kernel_display_name=self._kernel.display_name,
            language=language or self._kernel.language or None,
            language_version=_text(self._facts.get("version")) or version or None,
            interpreter=_text(self._facts.get("interpreter")),
            platform=platform.platform(),
            hostname=_text(platform.node()),
            cpu_model=_text(_cpu_model()),
            cpu_count=_cpu_count(),
            memory_bytes=_memory_bytes(),
            git=git,
            packages=packages,
            packages_digest=_digest(packages),
        )

    def _write(self, environment: Environment) -> None:
        self._reported = environment
        self._report.write(
            EnvironmentCaptured(environment=environment, ts=time.time_ns() // 1_000_000)
        )


def _text(value: object) -> str | None:
    """Return what UTF-8 can carry of a text that names a file or a machine; None for no text."""
    return (value.encode("utf-8", "replace").decode() or None) if isinstance(value, str) else None


def _language(kernel_info: dict[str, Any]) -> tuple[str, str]:
    info = kernel_info.get("language_info")
    info = info if isinstance(info, dict) else {}
    return str(info.get("name") or ""), str(info.get("version") or "")


def _packages(path: object) -> list[Package]:
    """Return the distributions in the folders of ``path``; the first of a name is the one used."""
    found: dict[str, str] = {}
    for folder in path if isinstance(path, list) else []:
        # An empty entry is the kernel's working directory: notebooks, no installation.
        if not folder:
            continue
        try:
            names = [entry.name for entry in os.scandir(folder)]
        except (OSError, ValueError):  # nothing to import from, or no path at all
            continue
        for name in names:
            match = _DISTRIBUTION.fullmatch(name)
            if match is not None and _text(name) == name:
                normal = re.sub(r"[-_.]+", "-", match["name"]).lower()
                found.setdefault(normal, match["version"])
    return [Package(name=name, version=found[name]) for name in sorted(found)]


def _digest(packages: list[Package]) -> str | None:
    if not packages:
        return None
    text = "\n".join(f"{package.name}=={package.version}" for package in packages)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _cpu_model() -> str | None:
    try:
        for line in _CPU_INFO.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.machine() or None


def _cpu_count() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory_bytes() -> int:
    """Return the memory of the machine, or of the container if that is less."""
    total = int(psutil.virtual_memory().total)
    try:
        return min(total, int(_MEMORY_LIMIT.read_text()))
    except (OSError, ValueError):
        return total
