"""A secret that code logs reaches no file of the run."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from jupyter_mlops.domain import spool
from jupyter_mlops.domain.names import key as checked_key

from .conftest import Notebook

SECRET = "pass w/rd-1234"
NUMBER = "987654321012"
LOGGING = """
    import base64, os
    from urllib.parse import quote
    from jupyter_mlops import *
    secret = os.environ["JMLOPS_SECRET_password"]
    number = int(os.environ["JMLOPS_SECRET_number"])
    log_param("plain", secret)
    log_param("nested", {"url": [f"https://u:{quote(secret)}@host", number, 1, None, True]})
    log_params({f"of {secret}": {secret: base64.b64encode(secret.encode()).decode()}})
    set_tag("tag", f"is {secret}!")
    set_tags({secret: "x"})
    start_run(tags={"again": secret})
    log_metric(f"{secret}/loss", 1)
    log_metric(f"{secret}/loss", 2)
    log_metrics({f"{secret}/b": 3})
    log_text(f"it is {secret}", "a.txt")
    log_dict({"deep": [secret]}, f"{secret}.json")
"""


def test_a_secret_that_code_logs_is_in_no_file(notebook: Notebook) -> None:
    ended = notebook.execute(LOGGING, JMLOPS_SECRET_password=SECRET, JMLOPS_SECRET_number=NUMBER)
    assert ended.code == 0
    forms = [
        SECRET,
        quote(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        json.dumps(SECRET)[1:-1],
        NUMBER,
    ]
    files = [path for path in notebook.run.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        for form in forms:
            assert form.encode() not in path.read_bytes()


def test_what_is_masked_keeps_its_shape_and_valid_names(notebook: Notebook) -> None:
    notebook.execute(LOGGING, JMLOPS_SECRET_password=SECRET, JMLOPS_SECRET_number=NUMBER)
    parameters: dict[str, object] = {}
    tags: dict[str, str] = {}
    metrics: list[dict[str, object]] = []
    artifacts: dict[str, bytes] = {}
    for record in notebook.records():
        if isinstance(record, spool.ParametersLogged):
            parameters |= record.p
        elif isinstance(record, spool.TagsSet):
            tags |= record.g
        elif isinstance(record, spool.MetricsLogged):
            metrics.append(dict(record.m))
        elif isinstance(record, spool.ArtifactStaged):
            artifacts[record.path] = (notebook.run / "staged" / record.file).read_bytes()
    assert parameters == {
        "plain": "***",
        "nested": {"url": ["https://u:***@host", "***", 1, None, True]},
        "of ---": {"***": "***Q="},  # what base64 shares with its neighbours stays
    }
    assert tags == {"tag": "is ***!", "---": "x", "again": "***"}
    assert metrics == [{"---/loss": 1}, {"---/loss": 2}, {"---/b": 3}]
    assert artifacts["a.txt"] == b"it is ***"
    assert json.loads(artifacts["---.json"]) == {"deep": ["***"]}
    for name in (*parameters, *tags, *(key for each in metrics for key in each)):
        assert checked_key(name) == name


def test_short_secrets_and_other_variables_leave_values_alone(notebook: Notebook) -> None:
    notebook.execute(
        """
        from jupyter_mlops import log_param
        log_param("a", "of the harbour, 1234567")
        """,
        JMLOPS_SECRET_pin="1234567",
        OTHER="of the harbour",
    )
    (record,) = notebook.records()
    assert isinstance(record, spool.ParametersLogged)
    assert record.p == {"a": "of the harbour, 1234567"}


def test_the_kernels_own_token_is_in_no_file_of_any_run(notebook: Notebook) -> None:
    token = "jmk_9f2c7b1e5a"
    log = """
        import os
        from jupyter_mlops import *
        token = os.environ["MLFLOW_TRACKING_TOKEN"]
        start_run(name="a run") if "JMLOPS_RUN_ID" not in os.environ else None
        log_param("plain", token)
        log_text(f"it is {token}", "a.txt")
    """
    for batch in (True, False):
        ended = notebook.execute(log, batch=batch, MLFLOW_TRACKING_TOKEN=token)
        assert (ended.code, ended.errors) == (0, "")
    assert len(notebook.own_runs()) == 1
    files = [path for path in notebook.home.rglob("*") if path.is_file()]
    assert any(b"***" in path.read_bytes() for path in files)
    assert not [path for path in files if token.encode() in path.read_bytes()]
