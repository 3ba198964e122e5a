"""Ends a run again and again, each time killed one step later: `python -m tests.faults.conclusion_steps`.

Each attempt works on a copy of a home, in a process forked for it. A step is a line of what concludes
a run; of the many lines that remove its directory every hundredth.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.aside import Aside
from jupyter_mlops.services.conclusion import Conclusion
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.store.database import Database

# Where a line was executed: file and function.
STEPS = {
    ("conclusion.py", "conclude"),
    ("conclusion.py", "_record_end"),
    ("conclusion.py", "_store_files"),
    ("conclusion.py", "_save_copy"),
    ("executed_copies.py", "write_copy"),
    ("intake.py", "take_in"),
    ("intake.py", "_settle"),
    ("run_directory.py", "discard"),
    ("shutil.py", "_rmtree_safe_fd"),
}
KILLED = 9


class Killer:
    """Ends this process without a word at the line of the given number."""

    def __init__(self, last: int) -> None:
        self._left = last
        self._removing = 0

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> Killer | None:
        name = Path(frame.f_code.co_filename).name
        if (name, frame.f_code.co_name) not in STEPS:
            return None
        if event == "line":
            if name == "shutil.py":
                self._removing += 1
            if name != "shutil.py" or self._removing % 100 == 50:
                self._left -= 1
            if self._left == 0:
                os._exit(KILLED)
        return self


def conclude(home: Path, last: int) -> None:
    """Conclude the only run of a home, until step ``last``."""
    database = Database.open(home / "store.db")
    content, executor = ContentStore(home), LocalExecutor(home)
    aside = Aside(lambda _: True, lambda: None)
    origin = Origin(home_id=None, environment=sys.prefix)
    intake = Intake(database, content, executor, origin, aside)
    conclusion = Conclusion(database, content, executor, intake, aside)
    (run_id,) = executor.run_ids()
    result = executor.result(run_id)
    assert result is not None
    sys.settrace(Killer(last))
    while not conclusion.conclude(run_id, result):
        continue


def main(template: str, folder: str) -> None:
    """Make a home for each step, as the process that was killed there left it."""
    step = 0
    while True:
        step += 1
        home = Path(folder) / str(step)
        shutil.copytree(template, home)
        child = os.fork()
        if child == 0:
            conclude(home, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != KILLED:
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
