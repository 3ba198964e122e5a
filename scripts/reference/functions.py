"""Public functions: what notebooks and scripts import, with signatures and docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import jupyter_mlops
from jupyter_mlops import client, kernel
from jupyter_mlops.kernel.displays import RecordedRun
from scripts.reference.markdown import prose

_CLASSES = (kernel.Run, RecordedRun, kernel.TrackingWarning)
# What the package's own modules call.
_INNER = frozenset({"append", "facts", "move", "owned", "record", "summary"})


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Python functions\n"
    yield "## jupyter_mlops\n"
    yield "Importing it needs the standard library and IPython only, so it works in any kernel.\n"
    for name in jupyter_mlops.__all__:
        if name != "__version__":
            yield from _function(f"jupyter_mlops.{name}", getattr(jupyter_mlops, name))
    for kind in _CLASSES:
        yield from _class(kind)
    yield "## jupyter_mlops.client\n"
    yield from prose(client.__doc__)
    for name in sorted(client.__all__):
        item = getattr(client, name)
        if inspect.isclass(item):
            yield from _class(item)
        else:
            yield from _function(f"client.{name}", item)


def _function(name: str, function: Callable[..., Any], level: str = "###") -> Iterator[str]:
    yield f"{level} {name.rpartition('.')[2]}\n"
    yield f"```python\n{name}{_signature(function)}\n```\n"
    yield from prose(function.__doc__)


def _class(kind: type) -> Iterator[str]:
    yield f"### {kind.__name__}\n"
    yield from prose(kind.__doc__)
    for name, item in vars(kind).items():
        if name.startswith("_") or name in _INNER or not getattr(item, "__doc__", None):
            continue
        if isinstance(item, property):
            yield f"`{name}`\n: {' '.join(' '.join(prose(item.__doc__)).split())}\n"
        elif inspect.isfunction(item):
            yield f"`{name}{_signature(item)}`\n: {' '.join(' '.join(prose(item.__doc__)).split())}\n"


def _signature(function: Callable[..., Any]) -> str:
    """Return the signature as it is written in the code, which no version of Python changes."""
    signature = inspect.signature(function)
    parts: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        part = f"{parameter.name}: {parameter.annotation}"
        parts.append(
            part if parameter.default is parameter.empty else f"{part} = {parameter.default!r}"
        )
    return f"({', '.join(parts)}) -> {signature.return_annotation}"
