"""The hook of `kernel/autolog.py` as code for a Python kernel, whatever is installed there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jupyter_mlops

_SOURCE = Path(jupyter_mlops.__file__).parent / "kernel" / "autolog.py"
_NAMESPACE = {"__name__": "jupyter_mlops_autolog"}


@cache
def autolog_code() -> str:
    """Return one statement that installs the hook and leaves no name in the user's namespace."""
    source = f"{_SOURCE.read_text(encoding='utf-8')}\nHook().install()\n"
    return f"exec(compile({source!r}, '<jupyter_mlops autolog>', 'exec'), {_NAMESPACE!r})\n"
