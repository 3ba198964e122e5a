"""Whether the system killed something for lack of memory: counters of control group and machine."""

from __future__ import annotations

from pathlib import Path


class OutOfMemoryWatch:
    """Counts at its making, compares later; systems without such counters never report a rise."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._before = self._count()

    def rose(self) -> bool:
        """Tell whether the kernel of the operating system killed for memory since the making."""
        return self._count() > self._before

    def _count(self) -> int:
        # A container sees its own group's counter; the machine's counts what no group limited.
        return sum(_read_counter(path, "oom_kill") for path in self._files())

    def _files(self) -> list[Path]:
        files = [self._root / "proc/vmstat"]
        try:
            lines = (self._root / "proc/self/cgroup").read_text().splitlines()
        except OSError:
            return files
        groups = self._root / "sys/fs/cgroup"
        for line in lines:
            _, controllers, path = line.split(":", 2)
            relative = path.lstrip("/")
            if not controllers:
                files += [groups / relative / "memory.events", groups / "memory.events"]
            elif "memory" in controllers.split(","):
                memory = groups / "memory"
                files += [memory / relative / "memory.oom_control", memory / "memory.oom_control"]
        return list(dict.fromkeys(files))


def _read_counter(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    for line in lines:
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdigit():
            return int(value)
    return 0
