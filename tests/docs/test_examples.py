"""What the documentation shows as code does what it says, beside a real server."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_mlops.cli import parser
from jupyter_mlops.kernel.magics import _parser as magics_parser
from tests.cli_site import Site
from tests.docs.pages import PAGES, README, ROOT, blocks, commands
from tests.jupyter_host import BASE_URL

GUIDE = ROOT / "docs" / "guide"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"), serve=True)
    site.notebook(
        "train.ipynb",
        "rate = 0.5\nalpha = 1.0",
        "from jupyter_mlops import log_metric\nlog_metric('rate', rate)",
    )
    yield site
    site.close()


def _run(site: Site, code: str, *how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *how, code],
        cwd=site.root,
        env=site.environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def _as_script(site: Site, code: str) -> str:
    done = _run(site, code, "-W", "error", "-c")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _runs(site: Site, **wanted: Any) -> list[dict[str, Any]]:
    """Return the runs of the server in which these fields have these values, whole."""
    assert site.host is not None
    site.host.settle()
    found = site.host.request("GET", "runs").json()["runs"]
    return [
        site.host.request("GET", f"runs/{run['run_id']}").json()
        for run in found
        if wanted.items() <= run.items()
    ]


def test_the_script_in_the_readme_records_what_it_logs(site: Site) -> None:
    tracking, _ = blocks(README, "python")
    _as_script(site, tracking)
    (run,) = _runs(site, name="first try", experiment="wine")
    assert (run["status"], run["source_type"]) == ("FINISHED", "script")
    assert [(each["key"], each["value"]) for each in run["parameters"]] == [("rate", 0.1)]
    assert [(each["key"], each["step"], each["value"]) for each in run["metrics"]] == [
        ("loss", 99, 0.01)
    ]
    assert site.host is not None
    files = site.host.request("GET", f"runs/{run['run_id']}/artifacts").json()["artifacts"]
    assert [each["path"] for each in files] == ["labels.json", "notes/summary.txt"]


def test_the_readme_starts_a_run_from_code(site: Site) -> None:
    _, ordering = blocks(README, "python")
    told = _as_script(site, ordering)
    assert told.startswith("FINISHED {'rate': 0.1}\n")


def test_the_commands_in_the_readme_work_in_their_order(site: Site) -> None:
    lines = [line for line in commands(README) if line.startswith("jupyter mlops ")]
    assert len(lines) == 4
    for line in lines:
        done = site.mlops(*shlex.split(line, comments=True)[2:])
        assert done.code == 0, done.told
    (run,) = _runs(site, name="train", experiment="wine")[:1]
    assert run["parameters"][0]["value"] == 0.1


def test_the_request_in_the_readme_queues_a_run(site: Site) -> None:
    (line,) = (line for line in commands(README) if line.startswith("curl "))
    words = shlex.split(line)
    assert words[1:4] == ["-X", "POST", "$SERVER/mlops/api/runs"]
    headers = dict(words[at + 1].split(": ") for at, word in enumerate(words) if word == "-H")
    assert headers["Authorization"] == "token $TOKEN"
    assert site.host is not None
    answer = site.host.request(
        "POST",
        "runs",
        words[words.index("-d") + 1].encode(),
        headers={"Content-Type": headers["Content-Type"]},
    )
    assert answer.status == 202
    assert answer.headers["location"] == f"{BASE_URL}mlops/api/runs/{answer.json()['run_id']}"
    assert answer.json()["experiment"] == "wine"


@pytest.mark.parametrize("page", [README, GUIDE / "magics.md"], ids=lambda page: page.stem)
def test_magics_in_the_documentation_work(site: Site, page: Path) -> None:
    lines = "\n".join(blocks(page, "ipython"))
    script = site.folder / f"{page.stem}.ipy"
    script.write_text("%load_ext jupyter_mlops\n" + lines, encoding="utf-8")
    done = _run(site, str(script), "-m", "IPython", "--no-banner")
    assert done.returncode == 0, done.stderr
    assert "mlops:" not in done.stderr
    assert "%mlops run" in lines


def test_scripts_in_the_guide_to_tracking_work(site: Site) -> None:
    for block in blocks(GUIDE / "tracking.md", "python"):
        _as_script(site, block)
    assert [run["status"] for run in _runs(site, name="by hand")] == ["FINISHED"]


def test_the_first_notebook_of_the_guide_logs_its_metric(site: Site) -> None:
    (cell,) = blocks(GUIDE / "getting_started.md", "python")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbformat.write(book, site.root / "first.ipynb")
    done = site.mlops("run", "first.ipynb", "--wait", "--json")
    assert done.code == 0, done.told
    assert [(each["key"], each["step"]) for each in json.loads(done.output)["metrics"]] == [
        ("loss", 9)
    ]


def test_every_command_line_in_the_documentation_can_be_read() -> None:
    lines = [line for page in PAGES for line in commands(page) if line.startswith("jupyter mlops ")]
    assert len(lines) > 10
    for line in lines:
        parser().parse_args(shlex.split(line, comments=True)[2:])


def test_every_magic_line_in_the_documentation_can_be_read() -> None:
    lines = [
        found
        for page in PAGES
        for block in blocks(page, "ipython")
        for found in re.findall(r"%mlops(.*)", block)
    ]
    assert len(lines) > 4
    for line in lines:
        magics_parser().parse_args(shlex.split(line))
