"""The prelude: what a Python kernel gets silently before the first cell.

A folder at the *end* of its ``sys.path`` (so an installed package wins) links to the part of ours
that needs only the standard library: a kernel whose environment lacks our package can log all the
same. The kernel may publish without limit, so no output is lost. And the same request asks the
interpreter about itself, which saves a round trip.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_mlops
from jupyter_mlops.execution.autolog_code import autolog_code

if TYPE_CHECKING:
    from jupyter_mlops.execution.run_directory import RunDirectory

_PACKAGE = Path(jupyter_mlops.__file__).parent
_SHARED = (
    *("__init__.py", "_version.py", "home.py", "secret_forms.py", "secret_names.py"),
    *("durable.py", "system_user.py", "process_identity.py", "client", "kernel"),
)
FACTS = "jupyter_mlops_facts"
# Lifting the limit: while 1,000 messages wait, as they do on a busy machine, ZeroMQ drops what the
# kernel publishes. The socket belongs to a thread. Kernels that are no ipykernel keep theirs.
_CODE = """
def _prelude():
    import sys
    sys.path.append({folder!r})
    try:
        thread = get_ipython().kernel.iopub_thread
        thread.schedule(lambda: setattr(thread.socket, "sndhwm", 0))
    except (NameError, AttributeError):
        pass
_prelude()
del _prelude
"""
_ASK = (
    "(lambda sys: __import__('json').dumps({"
    "'version': '.'.join(map(str, sys.version_info[:3])), "
    "'interpreter': sys.executable, "
    "'path': [entry for entry in sys.path if isinstance(entry, str)]"
    "}))(__import__('sys'))"
)


def prepare(run: RunDirectory, *, autolog: bool) -> tuple[str, dict[str, str]]:
    """Make the folder of ``run``; return the code of the prelude and its user expressions.

    With ``autolog`` the prelude ends with the hook that switches on what MLflow logs by itself.
    """
    folder = run.path / "prelude"
    package = folder / _PACKAGE.name
    for each in (folder, package):  # but never the run's own, should somebody have removed it
        each.mkdir(mode=0o700, exist_ok=True)
    for name in _SHARED:
        link = package / name
        if (_PACKAGE / name).exists() and not link.is_symlink():
            link.symlink_to(_PACKAGE / name)
    code = _CODE.format(folder=str(folder))
    return (code + autolog_code() if autolog else code), {FACTS: _ASK}


def read_facts(reply: dict[str, Any]) -> dict[str, Any]:
    """Return what the interpreter said of itself (version, interpreter, path); {} if nothing."""
    try:
        text = reply["user_expressions"][FACTS]["data"]["text/plain"]
        facts = json.loads(ast.literal_eval(text))
    except (KeyError, TypeError, ValueError, SyntaxError):
        # Not every Python kernel is IPython: what it cannot answer stays unknown.
        return {}
    return facts if isinstance(facts, dict) else {}
