"""Autologging is switched on by the import that makes it useful, and by nothing before."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jupyter_mlops.execution.autolog_code import autolog_code

# What MLflow has that the hook speaks to; each call of `autolog` says so.
MLFLOW = """
from mlflow.utils.autologging_utils import AUTOLOGGING_INTEGRATIONS

def autolog(**options):
    AUTOLOGGING_INTEGRATIONS["mlflow"] = options
    print("autolog", options)
"""
URI = "http://127.0.0.1:8888/mlops"


class Site:
    """A folder of importable modules, and programs that a kernel with the hook would run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.add("mlflow/__init__.py", MLFLOW)
        self.add("mlflow/utils/__init__.py", "")
        self.add("mlflow/utils/autologging_utils.py", "AUTOLOGGING_INTEGRATIONS = {'mlflow': {}}")
        self.add("sklearn/__init__.py", "print('sklearn')")
        self.add("sklearn/base.py", "print('base')")
        self.add("xgboost.py", "print('xgboost')")

    def add(self, name: str, source: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))

    def run(self, program: str, *, before: str = "", uri: str | None = URI) -> list[str]:
        """Return what a program prints, on whatever stream, when the hook came after ``before``."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONUNBUFFERED": "1"}
        environment.pop("MLFLOW_TRACKING_URI", None)
        if uri is not None:
            environment["MLFLOW_TRACKING_URI"] = uri
        done = subprocess.run(
            [sys.executable, "-c", before + "\n" + autolog_code() + textwrap.dedent(program)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout.splitlines()


CALLED = "autolog {'log_traces': False}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_the_import_of_mlflow_switches_it_on_once(site: Site) -> None:
    assert site.run("import mlflow\nimport sklearn.base, xgboost, mlflow.utils") == [
        CALLED,
        "sklearn",
        "base",
        "xgboost",
    ]


def test_the_import_of_a_library_that_trains_switches_it_on_without_a_word_of_mlflow(
    site: Site,
) -> None:
    assert site.run("from sklearn import base\nimport xgboost") == [
        "sklearn",
        CALLED,
        "base",
        "xgboost",
    ]


def test_a_program_that_imports_none_of_them_is_left_alone(site: Site) -> None:
    program = "import json, sqlite3\nimport sys\nprint('mlflow' in sys.modules)"
    assert site.run(program) == ["False"]


def test_to_look_whether_a_library_is_there_is_not_to_use_it(site: Site) -> None:
    program = """
        import importlib.util, sys
        print(importlib.util.find_spec("sklearn") is not None, "mlflow" in sys.modules)
        """
    assert site.run(program) == ["True False"]


def test_what_was_imported_before_the_hook_came_counts(site: Site) -> None:
    assert site.run("", before="import sklearn") == ["sklearn", CALLED]
    assert site.run("", before="import mlflow") == [CALLED]


def test_the_notebooks_own_call_wins_before_and_after(site: Site) -> None:
    own = "mlflow.autolog(disable=True)"
    said = "autolog {'disable': True}"
    assert site.run("", before=f"import mlflow; {own}") == [said]
    assert site.run(f"import mlflow; {own}\nimport sklearn") == [CALLED, said, "sklearn"]


def test_nothing_is_switched_on_where_nobody_said_where_to_log(site: Site) -> None:
    program = "import sklearn, sys\nprint('mlflow' in sys.modules)\nimport mlflow"
    assert site.run(program, uri=None) == ["sklearn", "False"]


def test_without_mlflow_a_library_is_imported_as_ever(site: Site) -> None:
    (site.folder / "mlflow" / "__init__.py").unlink()
    (site.folder / "mlflow").rename(site.folder / "other")
    program = "import sklearn, sys\nprint([type(each).__name__ for each in sys.meta_path][:1])"
    printed = site.run(program)
    assert printed[0] == "sklearn"
    assert "Hook" not in printed[1]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("raise ValueError('odd')", "ValueError: odd"),
        ("import a_part_of_it", "ModuleNotFoundError: No module named 'a_part_of_it'"),
        ("def autolog(**options): raise OSError('no room')", "OSError: no room"),
        ("autolog = None", "TypeError: 'NoneType' object is not callable"),
    ],
)
def test_a_failure_of_mlflow_fails_no_import_of_a_library(
    site: Site, fault: str, told: str
) -> None:
    site.add("mlflow/__init__.py", fault)
    assert site.run("import sklearn\nimport xgboost\nprint('done')") == [
        "sklearn",
        f"MLflow's autologging could not be switched on: {told}",
        "xgboost",
        "done",
    ]


def test_a_library_that_fails_to_import_fails_as_it_would(site: Site) -> None:
    site.add("sklearn/__init__.py", "raise RuntimeError('broken')")
    program = """
        try:
            import sklearn
        except RuntimeError as error:
            print(error)
        import sys
        print("sklearn" in sys.modules, "mlflow" in sys.modules)
        """
    assert site.run(program) == ["broken", "False False"]


def test_an_imported_module_keeps_no_trace_of_the_hook(site: Site) -> None:
    program = """
        import sys
        def no_autolog(): pass
        import xgboost, sklearn
        for module in (xgboost, sklearn):
            loader = module.__spec__.loader
            print(type(loader).__name__, sorted(vars(loader)), loader is module.__loader__)
        print([name for name in globals() if "hook" in name.lower() or "autolog" in name])
        """
    loader = "SourceFileLoader ['name', 'path'] True"
    assert site.run(program) == [
        "xgboost",
        CALLED,
        "sklearn",
        loader,
        loader,
        "['no_autolog']",
    ]


def test_the_hook_costs_less_than_a_millisecond(site: Site) -> None:
    # In a process that is as warm as a kernel is when its first code comes.
    before = "import IPython.core.interactiveshell, time\nbegun = time.perf_counter()"
    program = "print((time.perf_counter() - begun) * 1_000)"
    assert min(float(site.run(program, before=before)[0]) for _ in range(5)) < 1.0


def test_the_hook_adds_nothing_to_an_import_that_is_not_its_concern(site: Site) -> None:
    program = """
        import sys, time
        hook = sys.meta_path[0]
        begun = time.perf_counter()
        for _ in range(1_000):
            hook.find_spec("json", None)
        print((time.perf_counter() - begun) * 1_000)
        """
    assert min(float(site.run(program)[0]) for _ in range(3)) < 5.0
