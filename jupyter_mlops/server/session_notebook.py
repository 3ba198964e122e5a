"""The notebook of a kernel: Jupyter names it to kernels by a path of its own, we by its contents path."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SessionFolders:
    """``contents`` is what contents paths are relative to; ``kernels`` what Jupyter puts before them."""

    contents: Path
    kernels: Path

    def notebook(self, session_name: str | None) -> str | None:
        """Return the contents path for a session's name; None if it is of no notebook here.

        A console has another name, a session of several users sometimes that of no file.
        """
        if not session_name or not session_name.endswith(".ipynb"):
            return None
        for base in (self.kernels, self.contents):
            with suppress(ValueError):
                path = Path(session_name)
                relative = path.relative_to(base) if path.is_absolute() else path
                if ".." not in relative.parts and (self.contents / relative).is_file():
                    return relative.as_posix()
        return None
