"""Runs that code opens for itself, and the batch run that code finds itself in."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.domain import spool
from jupyter_mlops.domain.runs import REASONS, Reason, RunStatus
from jupyter_mlops.domain.spool import RunClosed, RunOpened, TagsSet
from jupyter_mlops.process_identity import boot_id, process_started

from .conftest import RUN_ID, Notebook


def closing(records: list[spool.Record]) -> RunClosed:
    last = records[-1]
    assert isinstance(last, RunClosed)
    return last


def test_an_interactive_run_tells_what_it_is_and_ends_finished(notebook: Notebook) -> None:
    notebook.execute(
        """
        from jupyter_mlops import log_metric, start_run
        with start_run("wine", name="first", tags={"kind": "demo"}):
            log_metric("loss", 1)
        """,
        batch=False,
    )
    (run,) = notebook.own_runs()
    opened, tags, metric, closed = notebook.records(run)
    assert isinstance(opened, RunOpened)
    assert (opened.run_id, opened.protocol) == (run.name, 1)
    assert (opened.experiment, opened.name) == ("wine", "first")
    assert (opened.source_type, opened.source_path) == ("script", "program.py")
    assert isinstance(tags, TagsSet)
    assert tags.g == {"kind": "demo"}
    assert isinstance(metric, spool.MetricsLogged)
    assert isinstance(closed, RunClosed)
    assert (closed.status, closed.reason) == (RunStatus.FINISHED, None)


def test_a_run_names_its_process_so_that_its_death_can_be_noticed(notebook: Notebook) -> None:
    process = notebook.start(
        """
        import time
        from jupyter_mlops import start_run
        print(start_run().run_id, flush=True)
        time.sleep(60)
        """,
        batch=False,
    )
    assert process.stdout is not None
    run = notebook.home / "runs" / process.stdout.readline().strip()
    (opened,) = notebook.records(run)
    assert isinstance(opened, RunOpened)
    assert opened.pid == process.pid
    assert opened.pid_started == process_started(process.pid)
    # The number means nothing in another container; the server judges by the same text.
    assert opened.boot_id == boot_id()
    process.kill()
    process.communicate()
    # Nobody is left to close it: that is for the dispatcher to notice.
    assert notebook.records(run) == [opened]


def test_a_run_appears_only_with_its_first_record_in_it(notebook: Notebook) -> None:
    process = notebook.start(
        """
        from jupyter_mlops import start_run
        for _ in range(300):
            start_run().end()
        """,
        batch=False,
    )
    seen: set[Path] = set()
    while process.poll() is None:
        for run in notebook.own_runs():
            if run not in seen:
                assert isinstance(notebook.records(run)[0], RunOpened)
                seen.add(run)
    process.communicate()
    assert len(notebook.own_runs()) == 300


@pytest.mark.parametrize(
    ("ending", "status", "reason", "message"),
    [
        ("pass", RunStatus.FINISHED, None, None),
        ("raise SystemExit", RunStatus.FINISHED, None, None),
        ("raise SystemExit(0)", RunStatus.FINISHED, None, None),
        ("raise SystemExit(3)", RunStatus.FAILED, Reason.CELL_ERROR, "SystemExit: 3"),
        (
            "raise ValueError('bad data')",
            RunStatus.FAILED,
            Reason.CELL_ERROR,
            "ValueError: bad data",
        ),
        ("raise KeyboardInterrupt", RunStatus.KILLED, Reason.CANCELLED, "KeyboardInterrupt"),
    ],
)
def test_a_with_block_ends_its_run_as_its_code_ended(
    notebook: Notebook, ending: str, status: RunStatus, reason: Reason | None, message: str | None
) -> None:
    notebook.execute(
        f"""
        from jupyter_mlops import start_run
        with start_run():
            {ending}
        """,
        batch=False,
    )
    (run,) = notebook.own_runs()
    closed = closing(notebook.records(run))
    assert (closed.status, closed.reason, closed.message) == (status, reason, message)
    assert closed.reason in REASONS[closed.status]


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("pass", RunStatus.FINISHED),
        ("raise ValueError('x')", RunStatus.FAILED),
        ("raise KeyboardInterrupt", RunStatus.KILLED),
    ],
)
def test_a_run_left_open_is_ended_when_the_script_ends(
    notebook: Notebook, ending: str, status: RunStatus
) -> None:
    notebook.execute(
        f"""
        from jupyter_mlops import start_run
        start_run()
        {ending}
        """,
        batch=False,
    )
    (run,) = notebook.own_runs()
    assert closing(notebook.records(run)).status is status


def test_a_second_start_ends_the_first_run_and_says_so(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        from jupyter_mlops import current_run, end_run, log_metric, start_run
        first, second = start_run(name="1"), start_run(name="2")
        assert current_run() is second
        log_metric("n", 2)
        end_run("FAILED", "no luck")
        assert current_run() is None
        first.end()
        """,
        batch=False,
    )
    assert ended.code == 0
    assert "was still open and is ended" in ended.errors
    records = {notebook.records(run)[0].name: notebook.records(run) for run in notebook.own_runs()}  # type: ignore[union-attr]
    assert closing(records["1"]).status is RunStatus.FINISHED
    assert len(records["1"]) == 2
    assert closing(records["2"]).message == "no luck"
    assert len(records["2"]) == 3


def test_a_child_logs_to_its_parents_run_and_cannot_end_it(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        import os, sys
        from jupyter_mlops import end_run, log_metric, start_run
        start_run()
        if os.fork() == 0:
            log_metric("child", 1)
            end_run()
            sys.exit(0)
        os.wait()
        log_metric("parent", 1)
        """,
        batch=False,
    )
    (run,) = notebook.own_runs()
    assert "Only the process that started a run can end it" in ended.errors
    assert len(notebook.spools(run)) == 2
    records = notebook.records(run)
    assert sum(isinstance(record, RunClosed) for record in records) == 1
    assert {k for r in records if isinstance(r, spool.MetricsLogged) for k in r.m} == {
        "child",
        "parent",
    }


def test_a_child_may_open_a_run_of_its_own(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        import os
        from jupyter_mlops import log_metric, start_run
        start_run(name="parent")
        if os.fork() == 0:
            with start_run(name="child"):
                log_metric("n", 1)
            os._exit(0)
        os.wait()
        log_metric("n", 2)
        """,
        batch=False,
    )
    assert ended.errors == ""
    logged = {}
    for run in notebook.own_runs():
        opened, metric, closed = notebook.records(run)
        assert isinstance(opened, RunOpened)
        assert isinstance(metric, spool.MetricsLogged)
        assert isinstance(closed, RunClosed)
        logged[opened.name] = metric.m["n"]
    assert logged == {"parent": 2, "child": 1}


def test_in_a_batch_run_start_run_returns_that_run_and_explains(notebook: Notebook) -> None:
    ended = notebook.execute("""
        from jupyter_mlops import current_run, end_run, log_metric, start_run
        run = start_run("other", tags={"a": "b"})
        assert run is current_run() and run.batch
        print(run.run_id)
        with run:
            log_metric("n", 1)
        end_run()
        log_metric("n", 2)
    """)
    assert ended.output == f"{RUN_ID}\n"
    assert "already runs as a tracked run" in ended.errors
    assert notebook.own_runs() == []
    assert [type(r).__name__ for r in notebook.records()] == [
        "TagsSet",
        "MetricsLogged",
        "MetricsLogged",
    ]


def test_everything_of_a_run_is_private_under_any_umask(notebook: Notebook) -> None:
    home = notebook.home / "fresh"
    notebook.execute(
        """
        import os
        os.umask(0)
        from jupyter_mlops import log_text, start_run
        with start_run():
            log_text("x", "a.txt")
        """,
        batch=False,
        JMLOPS_HOME=str(home),
    )
    paths = [home, *home.rglob("*")]
    assert len(paths) > 6
    for path in paths:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_a_run_whose_directory_is_taken_away_goes_on_in_a_new_one(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        import shutil
        from jupyter_mlops import log_metric, log_text, start_run
        run = start_run("wine", name="first")
        log_metric("n", 1)
        shutil.rmtree(run.directory)
        log_metric("n", 2)
        log_metric("n", 3)
        shutil.rmtree(run.directory)
        log_text("hello", "a.txt")
        log_metric("n", 4)
        run.end()
        """,
        batch=False,
    )
    assert ended.code == 0
    assert ended.errors.count("TrackingWarning: ") == 1
    assert "was taken away and is made anew" in ended.errors
    (run,) = notebook.own_runs()
    # The second folder went the way of the first, with what was in it.
    opened, staged, metric, closed = notebook.records(run)
    assert isinstance(opened, RunOpened)
    assert (opened.run_id, opened.experiment, opened.name) == (run.name, "wine", "first")
    assert isinstance(staged, spool.ArtifactStaged)
    assert (run / "staged" / staged.file).read_bytes() == b"hello"
    assert isinstance(metric, spool.MetricsLogged)
    assert metric.m == {"n": 4}
    assert isinstance(closed, RunClosed)
    assert [*(notebook.home / "tmp").iterdir()] == []


def test_each_spool_that_follows_one_taken_away_names_the_run_and_misses_nothing(
    notebook: Notebook,
) -> None:
    ended = notebook.execute(
        """
        import shutil
        from jupyter_mlops import log_metric, start_run
        run = start_run()
        shutil.rmtree(run.directory)
        for step in range(5):
            log_metric("n", step)
        (spool,) = (run.directory / "spool").iterdir()
        assert spool.read_bytes().count(b'"t":"metrics"') == 5
        spool.unlink()
        for step in range(5, 9):
            log_metric("n", step)
        """,
        batch=False,
    )
    assert ended.code == 0
    (run,) = notebook.own_runs()
    opened, *logged, closed = notebook.records(run)
    assert isinstance(opened, RunOpened)
    assert [r.m["n"] for r in logged if isinstance(r, spool.MetricsLogged)] == [5, 6, 7, 8]
    assert isinstance(closed, RunClosed)


def test_a_home_that_cannot_be_written_is_told_once_and_the_code_goes_on(
    notebook: Notebook, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    ended = notebook.execute(
        """
        from jupyter_mlops import log_dict, log_metric, start_run
        with start_run() as run:
            log_metric("n", 1)
            log_dict({}, "a.json")
        print(run.recording)
        """,
        batch=False,
        JMLOPS_HOME=str(tmp_path / "file" / "home"),
    )
    assert ended.output == "False\n"
    assert ended.errors.count("TrackingWarning") == 1
    assert "Set JMLOPS_HOME" in ended.errors


def test_bad_names_are_told_and_replaced(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        from jupyter_mlops import start_run
        start_run(experiment="\\n", name="x" * 300, tags={"a?": 1, "ok": 2})
        """,
        batch=False,
    )
    (run,) = notebook.own_runs()
    opened, tags, _ = notebook.records(run)
    assert isinstance(opened, RunOpened)
    assert (opened.experiment, opened.name) == ("Default", None)
    assert isinstance(tags, TagsSet)
    assert tags.g == {"ok": "2"}
    assert ended.errors.count("TrackingWarning") == 3


def test_the_first_value_that_code_logs_for_a_parameter_is_in_the_first_record(
    notebook: Notebook,
) -> None:
    notebook.execute("""
        from jupyter_mlops import log_param, log_params, set_tag, set_tags
        log_params({"lr": 0.1, "layers": (1, 2)})
        log_param("nothing", None)
        set_tags({"a": 1})
        set_tag("a", "two")
    """)
    several, one, tags, tag = notebook.records()
    assert isinstance(several, spool.ParametersLogged)
    assert several.p == {"lr": 0.1, "layers": [1, 2]}
    assert isinstance(one, spool.ParametersLogged)
    assert one.p == {"nothing": None}
    assert isinstance(tags, TagsSet)
    assert isinstance(tag, TagsSet)
    assert (tags.g, tag.g) == ({"a": "1"}, {"a": "two"})


def test_importing_and_logging_loads_only_the_standard_library(notebook: Notebook) -> None:
    ended = notebook.execute("""
        import sys
        before = set(sys.modules)
        from jupyter_mlops import log_metric
        log_metric("loss", 1)
        new = sorted(set(sys.modules) - before)
        foreign = {n.partition(".")[0] for n in new} - set(sys.stdlib_module_names)
        print(foreign)
        slow = {"asyncio", "ctypes", "dataclasses", "email", "getpass", "hashlib", "http",
                "inspect", "logging", "multiprocessing", "socket", "ssl", "subprocess",
                "tempfile", "uuid"}
        print(slow & set(new), len(new) < 80, [n for n in new if n.startswith("jupyter_mlops.client")])
    """)
    assert ended.output == "{'jupyter_mlops'}\nset() True []\n"
