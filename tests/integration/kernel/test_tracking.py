"""What code logs reaches the server's record, once and whole."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from typing import Any

from jupyter_mlops.client import Client, ClientError, HttpTransport
from tests.cli_site import Site
from tests.identities import OWNER
from tests.workspace import until

from .conftest import Kernel


def client_of(site: Site) -> Client:
    assert site.host is not None
    return Client(HttpTransport(f"http://{site.host.netloc}/a%40b/", OWNER))


def recorded(client: Client, run_id: str) -> Any:
    try:
        return client.run(run_id)
    except ClientError:
        return None


def test_an_interactive_notebook_is_recorded_while_it_goes_on(site: Site, kernel: Kernel) -> None:
    client = client_of(site)
    run_id = kernel.execute(
        "from jupyter_mlops import *\n"
        "run = start_run('live', 'by hand', tags={'a': 1})\n"
        "log_metrics({'loss': 0.5, 'odd': float('nan')}, step=1)\n"
        "log_param('lr', 0.1)\n"
        "print(run.run_id)"
    ).printed.strip()
    live = until(
        lambda: found if (found := recorded(client, run_id)) and found["metrics"] else None,
        "the metrics of the notebook",
    )
    assert (live["status"], live["source_type"]) == ("RUNNING", "interactive")
    assert live["notebook"] == "deep/notes.ipynb"
    assert {m["key"]: m["value"] for m in live["metrics"]} == {"loss": 0.5, "odd": "NaN"}
    assert [p["value"] for p in live["parameters"]] == [0.1]
    kernel.execute("log_text('over', 'end.txt')\nend_run()")
    ended = client.wait(run_id)
    assert (ended["status"], ended["reason"]) == ("FINISHED", None)
    (file,) = client.artifacts(run_id)
    assert file["digest"] == "sha256:" + hashlib.sha256(b"over").hexdigest()
    assert client.artifact(run_id, "end.txt") == b"over"


def test_an_error_in_a_with_block_is_the_runs_message(site: Site, kernel: Kernel) -> None:
    shown = kernel.execute(
        "from jupyter_mlops import start_run\n"
        "with start_run() as run:\n"
        "    print(run.run_id)\n"
        "    raise ValueError('bad data')"
    )
    assert not shown.ok
    client = client_of(site)
    until(lambda: recorded(client, shown.printed.strip()), "the run")
    run = client.wait(shown.printed.strip())
    assert (run["status"], run["reason"]) == ("FAILED", "cell_error")
    assert run["message"] == "ValueError: bad data"


def test_a_killed_script_loses_no_value_and_its_run_is_lost(site: Site) -> None:
    script = site.folder / "killed.py"
    script.write_text(
        "import os\n"
        "from jupyter_mlops import log_metric, start_run\n"
        "os.write(1, start_run('killed').run_id.encode() + b'\\n')\n"
        "for step in range(1_000_000):\n"
        "    log_metric('n', step, step)\n"
        "    os.write(1, b'%d\\n' % step)\n"
    )
    process = subprocess.Popen(
        [sys.executable, script], env=site.environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    told = [process.stdout.readline() for _ in range(3_000)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.communicate()
    client = client_of(site)
    until(lambda: recorded(client, run_id), "the run")
    run = client.wait(run_id)
    assert (run["status"], run["reason"]) == ("FAILED", "lost")
    (metric,) = run["metrics"]
    # The last line may be torn; the call before the one it tells of had returned.
    assert metric["step"] >= int(told[-2])
    assert metric["count"] == metric["step"] + 1


def test_children_and_threads_of_a_batch_run_log_to_it(site: Site) -> None:
    site.notebook(
        "many.ipynb",
        "count = 200",
        "import multiprocessing, subprocess, sys, threading\n"
        "from jupyter_mlops import log_metric, start_run\n"
        "def log(name):\n"
        "    for step in range(count):\n"
        "        log_metric(name, step, step)\n"
        "workers = [threading.Thread(target=log, args=(f'thread{n}',)) for n in range(3)]\n"
        "context = multiprocessing.get_context('fork')\n"
        "workers += [context.Process(target=log, args=(f'fork{n}',)) for n in range(2)]\n"
        "[worker.start() for worker in workers]\n"
        "[worker.join() for worker in workers]\n"
        "code = 'from jupyter_mlops import log_metric; log_metric(\"child\", 1)'\n"
        "subprocess.run([sys.executable, '-c', code], check=True)\n"
        "with start_run('another'):\n"
        "    log_metric('main', 1)",
    )
    client = client_of(site)
    run = client.wait(client.submit("many.ipynb", {"count": 100})["run_id"])
    assert run["status"] == "FINISHED", run["message"]
    assert {m["key"]: m["count"] for m in run["metrics"]} == {
        **{f"thread{n}": 100 for n in range(3)},
        **{f"fork{n}": 100 for n in range(2)},
        "child": 1,
        "main": 1,
    }
    assert run["experiment"] != "another"
