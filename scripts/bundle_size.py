"""Hold the lab extension to its budget: what every page loads at start, and everything there is."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

LABEXTENSION = Path(__file__).resolve().parents[1] / "jupyter_mlops" / "labextension"
ENTRY_LIMIT_BYTES = 30_000
TOTAL_LIMIT_BYTES = 500_000


def entry_chunks(remote_entry: str) -> set[str]:
    """Ids of the chunks that the remote entry fetches for the exposed plugins and styles."""
    exposed = re.findall(r'"\./(?:extension|style)":(.{0,400}?)(?="\./|\}[;,])', remote_entry)
    return {chunk for body in exposed for chunk in re.findall(r'\.e\("?([\w-]+)"?\)', body)}


def measure(labextension: Path) -> dict[str, int]:
    """Sizes in bytes of the remote entry, of the chunks loaded at start, and of all scripts."""
    static = labextension / "static"
    build = json.loads((labextension / "package.json").read_text())["jupyterlab"]["_build"]
    remote_entry = labextension / build["load"]
    chunks = entry_chunks(remote_entry.read_text())
    if not chunks:
        raise ValueError(f"{remote_entry} names no chunk for the plugins: has the bundler changed?")
    return {
        "remote entry": remote_entry.stat().st_size,
        "entry chunk": sum(
            path.stat().st_size
            for path in static.glob("*.js")
            if path.name.split(".", 1)[0] in chunks
        ),
        "everything": sum(
            path.stat().st_size for path in static.rglob("*.*") if path.suffix != ".json"
        ),
    }


def main() -> int:
    """Print the sizes; 1 if one is over its limit."""
    if any(LABEXTENSION.rglob("*.map")):
        print("The lab extension was built for development; run `make build`.", file=sys.stderr)
        return 1
    sizes = measure(LABEXTENSION)
    limits = dict.fromkeys(sizes, ENTRY_LIMIT_BYTES) | {"everything": TOTAL_LIMIT_BYTES}
    for name, size in sizes.items():
        print(f"lab extension, {name}: {size / 1000:.1f} KB (at most {limits[name] / 1000:.0f} KB)")
    return int(any(size > limits[name] for name, size in sizes.items()))


if __name__ == "__main__":
    sys.exit(main())
