"""A secret reaches the kernel and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.domain.runs import Reason, RunStatus

if TYPE_CHECKING:
    from tests.integration.engine.conftest import Bench

CANARY = "c4nary/+secret & 42"
DISGUISED = [
    CANARY.encode(),
    quote(CANARY).encode(),
    quote(CANARY, safe="").encode(),
    base64.b64encode(CANARY.encode()),
    base64.b64encode(b"user:" + CANARY.encode())[8:-4],
]


def run_with_secret(bench: Bench, *cells: Any) -> Any:
    return bench.run(
        ("token = None", ["parameters"]),
        *cells,
        parameters=[BoundParameter(key="token", type="str", value="***", secret=True)],
        secrets={"token": CANARY},
    )


def assert_nowhere(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.name for path in files} >= {"executed.ipynb", "run.log", "spec.json"}
    for path in files:
        data = path.read_bytes()
        for form in DISGUISED:
            assert form not in data, path.name


def test_a_secret_is_in_no_file_however_the_notebook_shows_it(bench: Bench) -> None:
    done = run_with_secret(
        bench,
        "print('value', token)",
        "import sys, time\n"
        "for char in token:\n    print(char, end='', flush=True)\nprint()\n"
        "print(token, file=sys.stderr)",
        "import base64, urllib.parse\n"
        "print(base64.b64encode(token.encode()), base64.b64encode(b'user:' + token.encode()))\n"
        "print(urllib.parse.quote(token), urllib.parse.quote(token, safe=''))\nprint(repr(token))",
        "from IPython.display import HTML, JSON, display\n"
        "display(HTML(f'<b>{token}</b>')); display(JSON({token: [token]}))\n"
        "display({'image/png': base64.b64encode(token.encode()).decode()}, raw=True)\n"
        "display('x', metadata={'note': token})",
        "import ipywidgets\nipywidgets.Text(token)",
        "{'token': token}",
        ("raise RuntimeError(token)", ["raises-exception"]),
        "import os\nprint({name: os.environ[name] for name in os.environ if 'SECRET' in name})",
        "raise ValueError(f'cannot log in with {token}')",
    )
    assert done.outcome.reason is Reason.CELL_ERROR
    assert done.outcome.message == "ValueError: cannot log in with ***"
    assert done.text(2) == "value ***\n"
    assert done.text(3) == "***\n***\n"
    assert done.outcome.secrets_masked >= 18
    assert_nowhere(done.run.path)


def test_a_secret_that_works_is_the_true_one(bench: Bench) -> None:
    done = run_with_secret(bench, f"assert token == {CANARY!r}[::-1][::-1]")
    assert done.outcome.status is RunStatus.FINISHED
    assert done.notebook.metadata.papermill.parameters == {"token": "***"}
    assert done.code[1].source == (
        '# Parameters\nimport os\n\ntoken = os.environ["JMLOPS_SECRET_token"]\n'
    )


def test_a_lost_secret_refuses_the_run(bench: Bench) -> None:
    done = bench.run(
        "x = 1", parameters=[BoundParameter(key="token", type="str", value="***", secret=True)]
    )
    assert done.outcome.reason is Reason.REFUSED
    assert done.outcome.message is not None
    assert "token" in done.outcome.message


def test_a_short_secret_is_named_in_the_log_because_it_cannot_be_masked(bench: Bench) -> None:
    done = bench.run(
        "print(pin)",
        parameters=[BoundParameter(key="pin", type="str", value="***", secret=True)],
        secrets={"pin": "1234"},
    )
    assert done.text(1) == "1234\n"
    assert "The secret pin is under 8 characters: it is not masked." in done.log
    assert done.outcome.secrets_masked == 0
