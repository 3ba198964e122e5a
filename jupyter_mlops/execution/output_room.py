"""How much a cell may show: so many outputs and so many bytes, and a word about what is left out.

The worker holds all outputs of a notebook in memory, and a page with more of them is of no use.
"""

from __future__ import annotations

from jupyter_mlops.execution.notebook_json import encode, lines

# Depth of an output in a notebook file: notebook, cells, cell, outputs.
OUTPUT_DEPTH = 4
# A page with more displays than this in one cell is of no use, and its notebook opens nowhere.
DISPLAYS_MAX = 1_000
# What ends a cell comes last: results and errors have this room beyond that of displays.
ENDINGS_MAX = 100
# Of displays and results, as they stand in the notebook file.
BYTES_MAX = 50_000_000


class LeftOut:
    """Stands for the outputs of a cell that were too many or too large, and says how many they are."""

    def __init__(self) -> None:
        self.count = 0

    def encoded(self) -> bytes:
        """Return the output as it stands in the notebook file."""
        text = (
            f"[... {self.count:,} more outputs of this cell are left out; up to "
            f"{DISPLAYS_MAX:,} outputs and {BYTES_MAX // 1_000_000:,} MB are kept ...]\n"
        )
        return encode(
            {"name": "stderr", "output_type": "stream", "text": lines(text)}, OUTPUT_DEPTH
        )


class Room:
    """The room of one cell, and what of it is taken."""

    def __init__(self) -> None:
        self._displays = self._endings = self._bytes = 0

    def admits_one(self, kind: str) -> bool:
        """Count an output of a kind, and tell whether there is room for it."""
        if kind == "display_data":
            self._displays += 1
            return self._displays <= DISPLAYS_MAX
        self._endings += 1
        return self._endings <= ENDINGS_MAX

    def admits_bytes(self, more: int) -> bool:
        """Tell whether so many more bytes have room."""
        return self._bytes + more <= BYTES_MAX

    def take(self, more: int) -> None:
        """Take room for so many more bytes; fewer where an output became smaller."""
        self._bytes += more
