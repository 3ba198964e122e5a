"""The spool outlives a sick disk: what cannot be written waits, and the user hears of it once."""

from __future__ import annotations

from pathlib import Path

from jupyter_mlops.domain import spool
from jupyter_mlops.domain.spool import WRITER_NAME

from .conftest import Notebook, read_whole


def test_a_spool_is_private_under_any_umask_and_carries_the_writers_name(
    notebook: Notebook,
) -> None:
    notebook.execute("""
        import os
        os.umask(0)
        from jupyter_mlops import log_metric
        log_metric("a", 1)
    """)
    (path,) = notebook.spools()
    assert path.stat().st_mode & 0o777 == 0o600
    assert WRITER_NAME.fullmatch(path.stem)


def test_values_wait_while_the_disk_is_full_and_are_written_when_there_is_room(
    notebook: Notebook,
) -> None:
    # A limit on the size of files is a disk that fills up in the middle of a record.
    ended = notebook.execute("""
        import resource, time
        from jupyter_mlops import log_metric
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        log_metric("loss", 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
        for step in range(1, 5):
            log_metric("loss", step)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        time.sleep(1.1)
        log_metric("loss", 5)
    """)
    assert ended.code == 0
    assert ended.errors.count("Tracking cannot write") == 1
    found = []
    for path in notebook.spools():
        records, damaged = read_whole(path)
        assert damaged == 0
        found += [r.m["loss"] for r in records if isinstance(r, spool.MetricsLogged)]
    assert sorted(map(float, found)) == [0, 1, 2, 3, 4, 5]


def test_values_that_wait_are_written_at_the_end_of_the_process(notebook: Notebook) -> None:
    notebook.execute("""
        import resource
        from jupyter_mlops import log_metric
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
        log_metric("loss", 1)
        log_metric("loss", 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    """)
    assert notebook.values("loss") == [1, 2]


def test_values_that_never_find_room_are_counted_at_the_end(notebook: Notebook) -> None:
    ended = notebook.execute("""
        import resource
        from jupyter_mlops import log_metric
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
        log_metric("loss", 1)
        log_metric("loss", 2)
    """)
    assert ended.code == 0
    assert "2 records could not be written" in ended.errors


def test_a_process_that_closed_all_its_files_goes_on_logging(notebook: Notebook) -> None:
    notebook.execute("""
        import os
        from jupyter_mlops import log_metric
        log_metric("loss", 1)
        os.closerange(3, 100)
        log_metric("loss", 2)
        log_metric("loss", 3)
    """)
    assert sorted(map(float, map(str, notebook.values("loss")))) == [1, 2, 3]


def test_a_record_over_the_limit_is_refused_with_a_warning(notebook: Notebook) -> None:
    ended = notebook.execute("""
        from jupyter_mlops import log_param
        log_param("big", "x" * (1 << 20))
        log_param("small", "x" * 1000)
    """)
    assert ended.errors.count("Log large things as an artifact") == 1
    (record,) = notebook.records()
    assert isinstance(record, spool.ParametersLogged)
    assert set(record.p) == {"small"}


def test_a_run_directory_that_is_gone_does_not_stop_the_code(
    notebook: Notebook, tmp_path: Path
) -> None:
    ended = notebook.execute(
        """
        from jupyter_mlops import log_metric, log_text
        log_metric("loss", 1)
        log_text("hello", "a.txt")
        print("done")
        """,
        JMLOPS_RUN_DIR=str(tmp_path / "nowhere"),
    )
    assert ended.output == "done\n"
    assert "Tracking cannot write" in ended.errors
