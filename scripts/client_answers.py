"""Write `jupyter_mlops/client/answers.py` from the structs that the routes answer: `make contract`.

Clients may import nothing but the standard library, so they cannot have the structs themselves.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import msgspec

from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.metrics import WireFloat
from jupyter_mlops.domain.runs import TERMINAL

PATH = Path(__file__).resolve().parents[1] / "jupyter_mlops" / "client" / "answers.py"
_HEAD = '''"""What the server answers, as typed dictionaries: exactly the JSON of the REST contract.

Made from the structs of the domain by `make contract`; edit those instead.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict
'''


def text() -> str:
    """Return the module as it should be."""
    structs = list(_in_order_of_need())
    ended = ", ".join(sorted(f'"{status.value}"' for status in TERMINAL))
    parts = [
        f"WireFloat = {_members(WireFloat)}",
        f"TERMINAL: frozenset[str] = frozenset({{{ended}}})",
    ]
    return "\n".join([_HEAD, *parts, *(_typed_dict(struct, structs) for struct in structs)])


def _in_order_of_need() -> Iterator[type]:
    """Yield every struct that is in an answer, each behind those that it is made of."""
    seen: set[type] = set()

    def visit(kind: Any) -> Iterator[type]:
        for part in typing.get_args(kind):
            yield from visit(part)
        if not inspect.isclass(kind) or not issubclass(kind, msgspec.Struct) or kind in seen:
            return
        seen.add(kind)
        for part in [*kind.__bases__, *typing.get_type_hints(kind).values()]:
            yield from visit(part)
        if kind is not msgspec.Struct:
            yield kind

    for route in ROUTES:
        if route.answer is not FileBlob:
            yield from visit(route.answer)


def _typed_dict(struct: type, known: list[type]) -> str:
    base = next((base for base in struct.__bases__ if base in known), None)
    inherited = typing.get_type_hints(base) if base is not None else {}
    lines = [f"\n\nclass {struct.__name__}({base.__name__ if base else 'TypedDict'}):"]
    lines += [f"    {line}".rstrip() for line in _docstring(struct)]
    lines += [
        f"    {name}: {_shown(kind)}"
        for name, kind in typing.get_type_hints(struct).items()
        if name not in inherited
    ]
    return "\n".join(lines)


def _docstring(struct: type) -> list[str]:
    written = inspect.cleandoc(struct.__doc__ or "")
    if "\n" not in written:
        return [f'"""{written}"""', ""]
    return [*f'"""{written}'.split("\n"), '"""', ""]


def _shown(kind: Any) -> str:
    members = typing.get_args(kind)
    wire_float = set(typing.get_args(WireFloat))
    if wire_float <= set(members):
        rest = [member for member in members if member not in wire_float]
        return " | ".join(["WireFloat", *map(_shown, rest)])
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return _members(kind)
    if typing.get_origin(kind) is Literal:
        return f"Literal[{', '.join(_quoted(member) for member in members)}]"
    if members:
        return f"{kind.__origin__.__name__}[{', '.join(map(_shown, members))}]"
    if kind is type(None):
        return "None"
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return f"Literal[{', '.join(_quoted(member.value) for member in kind)}]"
    return "Any" if kind is Any else str(kind.__name__)


def _members(union: Any) -> str:
    return " | ".join(_shown(member) for member in typing.get_args(union))


def _quoted(member: str) -> str:
    return f'"{member}"'


def main() -> int:
    """Write the file; `make contract` lays it out."""
    PATH.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
