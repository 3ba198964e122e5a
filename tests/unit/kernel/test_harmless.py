"""Every public call in surroundings and with values that are as bad as can be: the code goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_mlops.kernel as public
from jupyter_mlops.domain import spool
from tests.unit.kernel.conftest import Notebook

# Every call that records, with values that fail in every way, and with good ones behind.
CALLS = """
from jupyter_mlops import *

class Bad(Exception):
    def _fail(self, *_):
        raise Bad
    __str__ = __repr__ = __float__ = __int__ = __fspath__ = __eq__ = __hash__ = item = _fail
    tolist = isoformat = savefig = keys = items = __iter__ = __len__ = __getitem__ = _fail

class BadMapping(dict):
    def items(self):
        raise Bad

import os
os.makedirs("folder", exist_ok=True)
open("folder/a.txt", "w").close()
os.symlink("loop", "folder/loop")

def calls():
    for bad in (Bad(), BadMapping(a=1), [], None, "x" * 5000, "nul\\0", "\\udc80", 1 << 80, {Bad: Bad()}):
        for key in (bad, "good"):
            log_metric(key, bad, bad)
            log_param(key, bad)
            set_tag(key, bad)
            log_dict(bad, key)
            log_text(bad, key)
            log_figure(bad, key)
            log_artifact(bad, key)
            log_artifact("folder/a.txt", bad)
            log_artifacts(bad, key)
            log_artifacts("folder", bad)
        log_metrics({"good": bad}, bad)
        log_metrics(bad, bad)
        log_params({"good": bad})
        log_params(bad)
        set_tags({"good": bad})
        set_tags(bad)

with start_run("tests", name="x" * 5000, tags=BadMapping(a=1)) as run:
    assert current_run() is run
    repr(run)
    calls()
    log_metric("last", 1)
start_run()
calls()
end_run(Bad(), Bad())
calls()
start_run("\\udc80", name="\\udc80", tags={"a": Bad()})
end_run([], "\\udc80")
import sys
sys.__stdout__.write("survived")
"""
# What is done before.
SURROUNDINGS = {
    "plain": "",
    "no home folder and no user": """
import os, pwd
def nobody(_):
    raise KeyError
pwd.getpwuid = nobody
for name in ("HOME", "JMLOPS_HOME", "JUPYTER_DATA_DIR", "LOGNAME", "USER", "LNAME", "USERNAME"):
    os.environ.pop(name, None)
""",
    "warnings are errors": "import warnings\nwarnings.simplefilter('error')",
    "warnings are shown in a way that fails": """
import warnings
def show(*_, **__):
    raise OSError
warnings.showwarning = show
""",
    "a closed stream": "import sys\nsys.stderr.close()",
    "no stream": "import sys\nsys.stderr = None",
    "a home that is a file": "import os\nos.environ['JMLOPS_HOME'] = os.devnull",
    "a home with a long name": "import os\nos.environ['JMLOPS_HOME'] = '/tmp/' + 'x' * 5000",
    "no descriptors": """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
""",
    "files that may not grow": """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
""",
}


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_no_call_raises_whatever_is_wrong_around_it(
    notebook: Notebook, tmp_path: Path, surroundings: str
) -> None:
    # Modules that are loaded at their first use are there before descriptors run out.
    first = "import hashlib, inspect, shutil, unicodedata, json, getpass, os\n"
    move = f"os.chdir({str(tmp_path)!r})\n"
    code = first + move + CALLS.replace("\\\\", "\\")
    prepare = SURROUNDINGS[surroundings] + "\n"
    late = surroundings in ("no descriptors", "files that may not grow")
    code = code.replace("def calls", prepare + "def calls", 1) if late else prepare + code
    ended = notebook.execute(code, batch=False)
    assert (ended.output, ended.code) == ("survived", 0), ended.errors


def test_the_calls_above_are_all_there_are() -> None:
    recording = {name for name in public.__all__ if name.startswith(("log_", "set_"))}
    recording |= {"start_run", "end_run", "current_run"}
    assert {name for name in recording if f"{name}(" not in CALLS} == set()
    assert set(public.__all__) - recording == {"Run", "TrackingWarning", "run", "runs", "status"}


def test_arguments_that_a_call_does_not_take_are_an_error_as_ever(notebook: Notebook) -> None:
    ended = notebook.execute("from jupyter_mlops import log_metric\nlog_metric(name='a')")
    assert "TypeError: missing a required argument: 'key'" in ended.errors


def test_a_script_whose_name_is_no_utf_8_is_recorded(notebook: Notebook, tmp_path: Path) -> None:
    script = bytes(tmp_path) + b"/caf\xe9.py"
    with open(script, "w") as file:  # noqa: PTH123 - a Path is text
        file.write("from jupyter_mlops import start_run\nstart_run().end()\n")
    subprocess.run([sys.executable, script], env=notebook.environment(batch=False), check=True)
    (run,) = notebook.own_runs()
    opened, closed = notebook.records(run)
    assert isinstance(opened, spool.RunOpened)
    assert opened.source_path == "caf?.py"
    assert isinstance(closed, spool.RunClosed)


def test_what_is_too_long_for_one_record_is_written_in_several(notebook: Notebook) -> None:
    ended = notebook.execute("""
        from jupyter_mlops import log_params, set_tags
        many = {f"p{number}": "x" * 5000 for number in range(500)}
        log_params({"a": 1, "huge": "x" * 2_000_000, **many})
        set_tags({"a": 1, "huge": "x" * 2_000_000, **many})
        log_params({})
    """)
    assert ended.errors.count("TrackingWarning") == 1
    records = notebook.records()
    parameters = [key for r in records if isinstance(r, spool.ParametersLogged) for key in r.p]
    tags = [key for r in records if isinstance(r, spool.TagsSet) for key in r.g]
    assert parameters == tags == ["a", *(f"p{number}" for number in range(500))]
    assert len(records) < 12
