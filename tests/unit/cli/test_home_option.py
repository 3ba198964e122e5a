"""Commands for a user whose home folder nobody knows, as in a container with a strange uid."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# What the C library answers for a uid that is in no list of users.
NAMELESS = """
import pwd, sys
pwd.getpwuid = lambda uid: {}[uid]
from jupyter_mlops.cli import main
sys.exit(main(sys.argv[1:]))
"""


def mlops(*words: str) -> subprocess.CompletedProcess[str]:
    hidden = {"HOME", "JMLOPS_HOME", "JUPYTER_DATA_DIR", "XDG_DATA_HOME"}
    return subprocess.run(
        [sys.executable, "-c", NAMELESS, *words],
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_needs_no_home() -> None:
    assert "restore" in mlops("--help").stdout


@pytest.mark.parametrize("command", ["backup", "check", "doctor"])
def test_a_command_that_needs_a_home_says_how_to_name_one(command: str) -> None:
    done = mlops(command)
    assert done.returncode != 0
    assert "JMLOPS_HOME" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
