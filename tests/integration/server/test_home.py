"""The product's home belongs to its user alone, whatever the umask (security row S31)."""

from __future__ import annotations

import stat

from tests.jupyter_host import JupyterHost


def test_nobody_else_can_enter_a_folder_or_change_a_file_of_the_home(
    host: JupyterHost, run_id: str
) -> None:
    assert run_id
    for path in (host.home, *host.home.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            assert mode == 0o700, path
        elif "sha256" in path.parts:
            assert mode == 0o444, path  # read-only evidence, in folders that are closed
        else:
            assert mode == 0o600, path


def test_the_home_is_not_served(host: JupyterHost) -> None:
    assert not host.home.is_relative_to(host.root)
