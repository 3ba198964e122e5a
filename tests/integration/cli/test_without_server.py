"""Commands where no server runs: the same store, opened by the command itself."""

from __future__ import annotations

import json
import signal

from tests.cli_site import Site


def test_a_run_is_executed_and_recorded(quiet_site: Site) -> None:
    done = quiet_site.mlops("run", "train.ipynb", "-p", "alpha", "0.1", "--wait")
    assert done.code == 0, done.told
    assert "loss: 0.05" in done.output
    failed = quiet_site.mlops("run", "fail.ipynb", "--wait")
    assert failed.code == 1
    listed = json.loads(quiet_site.mlops("runs", "--json").output)
    assert [run["status"] for run in listed["runs"]] == ["FAILED", "FINISHED"]


def test_a_run_outlives_its_command_and_is_recorded_by_the_next(quiet_site: Site) -> None:
    quiet_site.notebook("short.ipynb", "x = 1", "import time\ntime.sleep(1)\nprint('over')")
    started = json.loads(quiet_site.mlops("run", "short.ipynb", "--json").output)
    assert started["status"] == "RUNNING"
    assert "over" in quiet_site.mlops("log", "-f", started["run_id"]).output
    shown = json.loads(quiet_site.mlops("show", "last", "--json").output)
    assert (shown["run_id"], shown["status"]) == (started["run_id"], "FINISHED")


def test_a_cancel_is_seen_through(quiet_site: Site) -> None:
    quiet_site.mlops("run", "long.ipynb")
    assert quiet_site.mlops("cancel", "last").output.endswith("is KILLED\n")


def test_what_scripts_logged_meanwhile_is_taken_in(quiet_site: Site) -> None:
    script = quiet_site.folder / "script.py"
    script.write_text(
        "from jupyter_mlops import log_metric, start_run\n"
        "with start_run('scripts', 'mine'):\n"
        "    for step in range(100):\n"
        "        log_metric('n', step, step)\n"
    )
    import subprocess
    import sys

    subprocess.run([sys.executable, script], env=quiet_site.environment(), check=True)
    (run,) = json.loads(quiet_site.mlops("runs", "--json").output)["runs"]
    assert (run["name"], run["experiment"]) == ("mine", "scripts")
    assert (run["status"], run["source_type"]) == ("FINISHED", "script")
    assert (run["key_metric"]["value"], run["key_metric"]["count"]) == (99.0, 100)


def test_a_store_that_cannot_be_opened_exits_with_4(quiet_site: Site) -> None:
    (quiet_site.folder / "file").touch()
    done = quiet_site.mlops("runs", JMLOPS_HOME=str(quiet_site.folder / "file" / "home"))
    assert done.code == 4, done.told
    assert "Traceback" not in done.told


def test_a_server_that_was_killed_is_not_taken_for_a_running_one(quiet_site: Site) -> None:
    served = Site(quiet_site.folder / "other", serve=True)
    assert served.host is not None
    served.host.process.send_signal(signal.SIGKILL)
    served.host.process.wait()
    served.host.stop()
    assert list((served.folder / "runtime").glob("jpserver-*.json"))
    served.notebook("train.ipynb", "x = 1", "x")
    assert served.mlops("run", "train.ipynb", "--wait").code == 0
