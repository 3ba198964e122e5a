"""Which variables a run's kernel sees (security row S21): deny-list on a laptop, allow-list else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.execution.cookie import PLACEHOLDER, VARIABLE
from jupyter_mlops.execution.own_token import without_own
from jupyter_mlops.secret_forms import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_mlops.execution.run_directory import RunDirectory

_DENIED_PREFIXES = ("JUPYTERHUB_", "JPY_", "JMLOPS_")
_DENIED = frozenset({"JUPYTER_TOKEN"})
_KEPT_THOUGH_DENIED = frozenset({"JPY_PARENT_PID"})
_ALLOWED_PREFIXES = ("LC_", "CONDA_")
_ALLOWED = frozenset({"PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV"})
# Read when a program is executed, never later: they must be there before the fork.
_READ_AT_EXECUTION = ("LD_", "DYLD_", "PYTHON", "MALLOC_", "GLIBC_TUNABLES")


def run_environment(
    environment: Mapping[str, str], mode: str, allowed: Iterable[str]
) -> dict[str, str]:
    """Return what a run may know of the server's ``environment``; ``mode`` is ``deny`` or ``allow``.

    The rest never enters a process of the run: its kernel may be a fork of its worker, and could
    read there what was kept from it.
    """
    base = _without_credentials(environment)
    return _only_allowed(base, allowed) if mode == "allow" else base


def _without_credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` without what a hub, a server or we put there to prove who we are."""
    others = without_own(environment)
    return {name: value for name, value in others.items() if not _is_denied(name)}


def _only_allowed(environment: Mapping[str, str], allowed: Iterable[str]) -> dict[str, str]:
    """Return the variables that every program needs, and those named in ``allowed``."""
    named = frozenset(allowed)
    return {
        name: value
        for name, value in environment.items()
        if name in named or name in _ALLOWED or name.startswith(_ALLOWED_PREFIXES)
    }


def kernel_environment(
    environment: Mapping[str, str], run: RunDirectory, secrets: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole environment of a run's kernel: ``environment`` is the run's.

    ``secrets`` come by the name of their parameter.
    """
    return {
        **environment,
        VARIABLE: run.run_id,
        "JMLOPS_RUN_DIR": str(run.path),
        "JMLOPS_HOME": str(run.home),
        **{SECRET_PREFIX + name: value for name, value in secrets.items()},
    }


def launcher_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the launcher is executed with: everybody in a run can read it in ``/proc``.

    So it holds the least that a Python program needs, and the placeholder of the run id; the
    environment of a kernel comes with each request.
    """
    least = _only_allowed(environment, ())
    early = {
        name: value for name, value in environment.items() if name.startswith(_READ_AT_EXECUTION)
    }
    return {**least, **early, VARIABLE: PLACEHOLDER}


def _is_denied(name: str) -> bool:
    if name in _KEPT_THOUGH_DENIED:
        return False
    return name in _DENIED or name.startswith(_DENIED_PREFIXES)
