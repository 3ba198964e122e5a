"""Hold the lab extension to its budget: the entry chunk that every page loads, and everything."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

LABEXTENSION = Path(__file__).resolve().parents[1] / "jupyter_mlops" / "labextension"
LIMITS_BYTES = {"entry chunk": 30_000, "everything": 500_000}


def chunks_of(exposed: str, remote_entry: str) -> set[str]:
    """Ids of the chunks that the remote entry fetches for an exposed module."""
    body = re.search(rf'"\./{exposed}":(.*?)(?:"\./|\}}[;,])', remote_entry)
    chunks = set(re.findall(r'\.e\("?([\w-]+)"?\)', body[1])) if body else set()
    if not chunks:
        raise ValueError(f"The remote entry names no chunk of {exposed}: has the bundler changed?")
    return chunks


def measure(labextension: Path) -> dict[str, int]:
    """Sizes in bytes of what a page loads at start, and of all scripts and their assets."""
    static = labextension / "static"
    build = json.loads((labextension / "package.json").read_text())["jupyterlab"]["_build"]
    remote_entry = labextension / build["load"]
    script = remote_entry.read_text()

    def size(exposed: str) -> int:
        chunks = chunks_of(exposed, script)
        scripts = (path for path in static.glob("*.js") if path.name.split(".", 1)[0] in chunks)
        return sum(path.stat().st_size for path in scripts)

    assets = (path for path in static.rglob("*.*") if path.suffix != ".json")
    return {
        "remote entry": remote_entry.stat().st_size,
        "entry chunk": size("extension"),
        "styles": size("style"),
        "everything": sum(path.stat().st_size for path in assets),
    }


def main() -> int:
    """Print the sizes; 1 if one is over its limit."""
    if any(LABEXTENSION.rglob("*.map")):
        print("The lab extension was built for development; run `make build`.", file=sys.stderr)
        return 1
    sizes = measure(LABEXTENSION)
    for name, size in sizes.items():
        limit = LIMITS_BYTES.get(name)
        bound = f" (at most {limit / 1000:.0f} KB)" if limit else ""
        print(f"lab extension, {name}: {size / 1000:.1f} KB{bound}")
    return int(any(sizes[name] > limit for name, limit in LIMITS_BYTES.items()))


if __name__ == "__main__":
    sys.exit(main())
