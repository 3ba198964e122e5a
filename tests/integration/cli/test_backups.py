"""`backup`, `check` and `restore` as a user meets them: beside a server, and after damage."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli_site import Site


def run_ids(site: Site) -> set[str]:
    return {run["run_id"] for run in json.loads(site.mlops("runs", "--json").output)["runs"]}


def finished(site: Site) -> str:
    done = site.mlops("run", "train.ipynb", "--wait", "--json")
    assert done.code == 0, done.told
    return str(json.loads(done.output)["run_id"])


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def test_a_damaged_store_is_checked_and_restored(quiet_site: Site) -> None:
    kept = finished(quiet_site)
    made = quiet_site.mlops("backup")
    assert made.code == 0, made.told
    assert "1 run" in made.told
    assert "artifacts" in made.told
    lost = finished(quiet_site)
    sound = quiet_site.mlops("check")
    assert sound.code == 0, sound.output
    assert sound.output.startswith("ok    2 runs, ")
    flip(quiet_site.home / "store.db", 9_000)
    damaged = quiet_site.mlops("check")
    assert damaged.code == 1
    assert "jupyter mlops restore" in damaged.output
    told = quiet_site.mlops("runs")
    assert told.code == 4
    assert "jupyter mlops restore" in told.told
    unsure = quiet_site.mlops("restore")
    assert unsure.code == 2
    assert "--yes" in unsure.told
    assert quiet_site.mlops("check").code == 1, "nothing is done without a yes"
    done = quiet_site.mlops("restore", "--yes")
    assert done.code == 0, done.told
    assert done.output == f"restored {made.output}"
    assert lost[:8] in done.told
    assert kept[:8] not in done.told
    assert run_ids(quiet_site) == {kept}
    assert quiet_site.mlops("check").code == 0
    (aside,) = quiet_site.home.glob("replaced-*")
    assert str(aside) in done.told
    assert (aside / "store.db").exists()


def test_a_file_that_changed_or_is_gone_is_named(quiet_site: Site) -> None:
    run_id = finished(quiet_site)
    backup = quiet_site.mlops("backup", str(quiet_site.folder / "mine.db")).output.strip()
    blobs = sorted((quiet_site.home / "artifacts" / "sha256").glob("*/*"))
    flip(blobs[0], 0)
    blobs[1].unlink()
    for arguments in (("check",), ("check", backup)):
        found = quiet_site.mlops(*arguments)
        assert found.code == 1
        first, second, summary = found.output.splitlines()
        assert {first.split(" is ")[1].split()[0], second.split(" is ")[1].split()[0]} == {
            "damaged",
            "missing",
        }
        assert f"of run {run_id}" in first
        assert summary.startswith("2 faults in 1 run, ")
    assert quiet_site.mlops("check", str(blobs[2])).code == 1, "it is no store"


def test_beside_a_server_the_store_is_backed_up_and_checked_but_not_restored(site: Site) -> None:
    run_id = finished(site)
    made = site.mlops("backup", str(site.folder / "copy.db"))
    assert made.code == 0, made.told
    again = site.mlops("backup", str(site.folder / "copy.db"))
    assert again.code == 2
    assert "exists already" in again.told
    assert site.mlops("check").code == 0
    refused = site.mlops("restore", "--yes", "--from", str(site.folder / "copy.db"))
    assert refused.code == 4
    assert "Stop every Jupyter server" in refused.told
    assert run_id in run_ids(site)
    assert list(site.home.glob("replaced-*")) == []


def test_a_copy_is_restored_into_an_empty_home(quiet_site: Site) -> None:
    run_id = finished(quiet_site)
    copy, elsewhere = quiet_site.folder / "copy.db", quiet_site.folder / "elsewhere"
    assert quiet_site.mlops("backup", str(copy)).code == 0
    home = ("--home", str(elsewhere))
    assert quiet_site.mlops("restore", "--yes", *home).code == 2
    assert not elsewhere.exists()
    done = quiet_site.mlops("restore", "--yes", "--from", str(copy), *home)
    assert done.code == 0, done.told
    assert "files of its runs are no longer in the home" in done.told
    assert quiet_site.mlops("show", run_id, JMLOPS_HOME=str(elsewhere)).code == 0
    assert quiet_site.mlops("check", *home).code == 1, "its files were not brought along"
    assert quiet_site.mlops("backup", "--home", str(quiet_site.folder / "nothing")).code == 2


def test_a_store_file_beside_records_in_postgresql_is_not_passed_off_as_them(
    quiet_site: Site,
) -> None:
    finished(quiet_site)
    commands = (("backup",), ("check",), ("restore", "--yes"))
    for command in commands:
        assert "PostgreSQL" not in quiet_site.mlops(*command).told
    (quiet_site.home / "home.id").write_text("0" * 32)
    for command in commands:
        done = quiet_site.mlops(*command)
        assert done.code == 0, done.told
        assert "pg_dump" in done.told
        assert "PostgreSQL" not in done.output


def test_at_a_terminal_a_restore_asks(quiet_site: Site) -> None:
    finished(quiet_site)
    quiet_site.mlops("backup")
    for answer, code in ((b"n\n", 2), (b"\n", 2), (b"y\n", 0)):
        keyboard, terminal = pty.openpty()
        os.write(keyboard, answer)
        process = subprocess.run(
            [sys.executable, "-m", "jupyter_mlops.cli", "restore"],
            env=quiet_site.environment(),
            stdin=terminal,
            capture_output=True,
            check=False,
            timeout=60,
        )
        os.close(terminal)
        os.close(keyboard)
        assert process.returncode == code, process.stderr
        assert len(list(quiet_site.home.glob("replaced-*"))) == (code == 0)
