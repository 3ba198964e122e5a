"""Metrics from code: each call that returned is in the spool, and no call stops the code."""

from __future__ import annotations

import signal

from jupyter_mlops.domain import spool

from .conftest import Notebook


def test_a_metric_is_in_the_spool_when_the_call_returns(notebook: Notebook) -> None:
    notebook.execute("""
        import os
        from jupyter_mlops import log_metric, log_metrics
        log_metric("loss", 0.25, step=3)
        log_metric("loss", 1)
        log_metrics({"a": float("nan"), "é": float("-inf")}, step=4)
        os._exit(0)
    """)
    first, second, both = notebook.records()
    assert isinstance(first, spool.MetricsLogged)
    assert (first.m, first.s) == ({"loss": 0.25}, 3)
    assert isinstance(second, spool.MetricsLogged)
    assert (second.m, second.s) == ({"loss": 1.0}, None)
    assert isinstance(both, spool.MetricsLogged)
    assert (both.m, both.s) == ({"a": "NaN", "é": "-Infinity"}, 4)


def test_every_call_that_returned_survives_kill_9(notebook: Notebook) -> None:
    process = notebook.start("""
        import os
        from jupyter_mlops import log_metric
        for step in range(1_000_000):
            log_metric("loss", step, step)
            os.write(1, b"%d\\n" % step)
    """)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(10_000)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.communicate()
    # The last line may be torn as well; the one before it was told after its call returned.
    returned = int(told[-2])
    values = notebook.values("loss")
    assert returned >= 9_998
    assert values[: returned + 1] == list(range(returned + 1))


def test_threads_write_whole_records(notebook: Notebook) -> None:
    notebook.execute("""
        import threading
        from jupyter_mlops import log_metric
        def work(name):
            for step in range(500):
                log_metric(name, step, step)
        threads = [threading.Thread(target=work, args=(f"m{n}",)) for n in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    """)
    assert len(notebook.spools()) == 1
    for name in range(8):
        assert notebook.values(f"m{name}") == list(range(500))


def test_a_forked_child_writes_a_spool_of_its_own(notebook: Notebook) -> None:
    notebook.execute("""
        import os
        from jupyter_mlops import log_metric
        log_metric("before", 1)
        child = os.fork()
        for step in range(200):
            log_metric("child" if child == 0 else "parent", step)
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    """)
    assert len(notebook.spools()) == 2
    assert notebook.values("before") == [1]
    assert notebook.values("child") == list(range(200))
    assert notebook.values("parent") == list(range(200))


def test_a_fork_while_another_thread_logs_leaves_a_child_that_can_log(notebook: Notebook) -> None:
    ended = notebook.execute("""
        import os, threading
        from jupyter_mlops import log_metric
        going = True
        def work():
            while going:
                log_metric("thread", 1)
        threading.Thread(target=work, daemon=True).start()
        for number in range(100):
            child = os.fork()
            if child == 0:
                log_metric("child", number)
                os._exit(0)
            os.waitpid(child, 0)
        going = False
        print("done")
    """)
    assert ended.output == "done\n"
    assert sorted(map(float, map(str, notebook.values("child")))) == list(range(100))


def test_two_processes_of_one_run_write_apart(notebook: Notebook) -> None:
    code = """
        import os
        from jupyter_mlops import log_metric
        for step in range(300):
            log_metric("p", step)
    """
    first, second = notebook.start(code), notebook.start(code)
    first.communicate(timeout=60)
    second.communicate(timeout=60)
    assert len(notebook.spools()) == 2
    assert notebook.values("p") == [*range(300), *range(300)]


def test_a_signal_handler_may_log_while_its_thread_is_logging(notebook: Notebook) -> None:
    ended = notebook.execute("""
        import signal
        from jupyter_mlops import log_metric
        signal.signal(signal.SIGALRM, lambda *_: log_metric("alarm", 1))
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for step in range(20_000):
            log_metric("loss", step)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("done")
    """)
    assert ended.output == "done\n"
    assert notebook.values("loss") == list(range(20_000))
    assert notebook.values("alarm")


def test_what_is_no_number_is_left_out_with_one_warning_and_the_code_goes_on(
    notebook: Notebook,
) -> None:
    ended = notebook.execute("""
        from jupyter_mlops import log_metric, log_metrics
        class Odd:
            def __float__(self):
                raise RuntimeError("no")
            __repr__ = __float__
        for _ in range(3):
            log_metric("loss", "0.5")
            log_metric("odd", Odd())
            log_metrics({"good": 1, "bad": None, "two words?": 1})
            log_metrics(3)
            log_metric([], 1)
            log_metric("x", 1, step="two")
        print("done")
    """)
    assert ended.output == "done\n"
    assert notebook.values("good") == [1, 1, 1]
    assert {k for r in notebook.records() if isinstance(r, spool.MetricsLogged) for k in r.m} == {
        "good"
    }
    assert ended.errors.count("'loss' was not recorded") == 1
    assert ended.errors.count("TrackingWarning") == 7
    assert "program.py" in ended.errors


def test_warnings_made_errors_do_not_stop_the_code(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        from jupyter_mlops import log_metric
        log_metric("loss", "0.5")
        print("done")
        """,
        PYTHONWARNINGS="error",
    )
    assert ended.output == "done\n"
    assert "'loss' was not recorded" in ended.errors


def test_without_a_run_nothing_is_kept_and_the_user_is_told_once(notebook: Notebook) -> None:
    ended = notebook.execute(
        """
        from jupyter_mlops import current_run, log_metric
        log_metric("loss", 1)
        log_metric("loss", 2)
        print(current_run())
        """,
        batch=False,
    )
    assert ended.output == "None\n"
    assert ended.errors.count("Call start_run() first") == 1
    assert notebook.own_runs() == []


def test_many_metrics_at_once_are_divided_into_records_that_fit(notebook: Notebook) -> None:
    ended = notebook.execute("""
        from jupyter_mlops import log_metrics
        log_metrics({f"{'k' * 240}{n:06}": n for n in range(6_000)})
    """)
    assert ended.errors == ""
    assert (
        len({k for r in notebook.records() if isinstance(r, spool.MetricsLogged) for k in r.m})
        == 6_000
    )
