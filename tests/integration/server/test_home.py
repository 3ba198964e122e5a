"""The product's home belongs to its user alone, whatever the umask (security row S31)."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.jupyter_host import BASE_URL, JupyterHost


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


def test_a_home_in_a_hidden_folder_of_the_root_is_used_and_not_served(tmp_path: Path) -> None:
    config = "c.MLOpsApp.home = f'{c.ServerApp.root_dir}/.local/mlops'\n"
    with JupyterHost(tmp_path, config=config).wait() as host:
        assert (host.root / ".local" / "mlops" / "store.db").exists()
        for door in ("api/contents", "files"):
            answer = host.request("GET", f"{door}/.local/mlops/store.db", address=BASE_URL)
            assert answer.status == 404
