from __future__ import annotations

import subprocess
import sys

import pytest

# Everything that the module takes from elsewhere is loaded while the platform is still real.
PRETEND = """
import sys
import jupyter_client.kernelspec, jupyter_client.manager, ipykernel.kernelapp
import jupyter_client.provisioning.local_provisioner, nbclient, papermill, psutil, resource, socket
import jupyter_client.blocking.client, msgspec, subprocess, tempfile
sys.platform = {platform!r}
import {module}
print("imported")
"""


def pretend(platform: str, module: str) -> subprocess.CompletedProcess[str]:
    code = PRETEND.format(platform=platform, module=module)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["executor", "launcher", "reaper", "worker"])
def test_macos_is_not_excluded_by_an_import(module: str) -> None:
    done = pretend("darwin", f"jupyter_mlops.execution.{module}")
    assert done.stdout == "imported\n", done.stderr


def test_windows_is_told_to_use_wsl() -> None:
    done = pretend("win32", "jupyter_mlops.execution.executor")
    assert done.returncode != 0
    assert "WSL" in done.stderr.splitlines()[-1]
