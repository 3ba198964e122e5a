"""The pre-flight of a kernel: it is started for real, asked who it is, and ended again."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from typing import Any

import msgspec

from jupyter_mlops.execution.cookie import VARIABLE
from jupyter_mlops.execution.kernel_environment import run_environment
from jupyter_mlops.execution.kernel_probe import ProbeOrder, ProbeReport, failure
from jupyter_mlops.execution.process_tree import kill_family
from jupyter_mlops.execution.tcp_kernels import TcpKernels

# What the probe needs beside the kernel's own time: imports, and the end of the kernel.
_OVERHEAD_SECONDS = 20.0


def check_kernel(
    name: str,
    kernel_spec: dict[str, Any],
    *,
    time_limit: float,
    environment_mode: str = "deny",
    environment_allowed: tuple[str, ...] = (),
    tcp_kernels: TcpKernels | None = None,
) -> ProbeReport:
    """Start a kernel once in a process tree of its own; afterwards no process of it is left.

    ``time_limit`` is in seconds; the environment is the one that a run's kernel gets. Whether the
    kernel needed TCP is noted in ``tcp_kernels``.
    """
    known = TcpKernels() if tcp_kernels is None else tcp_kernels
    check_id = secrets.token_hex(16)
    environment = run_environment(os.environ, environment_mode, environment_allowed)
    with tempfile.TemporaryDirectory(prefix="jmlops-check-") as folder:
        order = ProbeOrder(
            check_id=check_id,
            folder=folder,
            name=name,
            kernel_spec=kernel_spec,
            time_limit=time_limit,
            over_tcp=kernel_spec in known,
        )
        # An empty folder of ours: what lies in the server's must not shadow a module.
        probe = subprocess.Popen(
            [sys.executable, "-m", "jupyter_mlops.execution.kernel_probe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**environment, VARIABLE: check_id},
            start_new_session=True,
        )
        with probe:
            try:
                answer, _ = probe.communicate(
                    msgspec.json.encode(order), timeout=time_limit + _OVERHEAD_SECONDS
                )
            except subprocess.TimeoutExpired:
                return failure(f"The kernel did not answer within {time_limit:g} s.")
            finally:
                kill_family(check_id)
        try:
            report = msgspec.json.decode(answer, type=ProbeReport)
        except msgspec.DecodeError:
            return failure("The kernel could not be started.")
        if report.transport == "tcp":
            known.add(kernel_spec)
        return report
