"""CrashFS: a file system in memory that can lose power, for the tests of durability.

It keeps what was fsynced, and a name only once its directory was fsynced; POSIX promises no more.
``python -m tests.faults.crashfs MOUNT SAVED [--cut N] [--fail N [--every M] [--call CALL]] [--mix SEED]``
mounts it. Making the directory ``.cut`` in it, or the N-th fsync, cuts the power: what survives is written to
the folder SAVED and every later call fails. With ``--mix`` unsynced blocks and names survive at random,
as they may on a real disk. The N-th fsync, write or rename of ``--fail``, with ``--every`` each M-th after
it too, reports an error and does nothing. The blocks that an fsync should have written are clean afterwards, as on Linux: the next one
will not write them. Making ``.count`` tells in SAVED how many there were of each.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import stat
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mfusepy import FUSE, FuseOSError, Operations

BLOCK = 512


@dataclass
class Node:
    """A file or directory: as it is, and as it would be after a power cut."""

    mode: int
    now: bytearray = field(default_factory=bytearray)
    safe: bytearray = field(default_factory=bytearray)
    dirty: set[int] = field(default_factory=set)
    names: dict[str, Node] = field(default_factory=dict)
    safe_names: dict[str, Node] = field(default_factory=dict)
    changed_at: int = field(default_factory=time.time_ns)
    links: int = 1

    def touch(self, start: int, end: int) -> None:
        """Note that bytes changed."""
        self.dirty.update(range(start // BLOCK, -(-end // BLOCK)))
        self.changed_at = time.time_ns()

    def resize(self, length: int) -> None:
        """Shorten the file, or fill it up with zeros."""
        self.touch(min(length, len(self.now)), max(length, len(self.now)))
        self.now = self.now[:length].ljust(length, b"\0")

    def sync(self, *, blocks: set[int] | None = None) -> None:
        """Make the bytes (of ``blocks``, or all that are dirty) and the names safe."""
        if blocks is None:
            blocks, self.dirty, self.safe_names = self.dirty, set(), dict(self.names)
        self.safe = self.safe[: len(self.now)].ljust(len(self.now), b"\0")
        for block in blocks:
            place = slice(block * BLOCK, min((block + 1) * BLOCK, len(self.now)))
            self.safe[place] = self.now[place]

    def save(self, target: Path, chance: random.Random | None) -> None:
        """Write what survives a power cut to the real disk."""
        if not stat.S_ISDIR(self.mode):
            if chance is not None and self.dirty and chance.random() < 0.5:
                self.sync(blocks={block for block in self.dirty if chance.random() < 0.5})
            target.write_bytes(self.safe)
            return
        target.mkdir(exist_ok=True)
        names = self.safe_names
        if chance is not None and chance.random() < 0.5:
            names = self.names
        for name, node in names.items():
            node.save(target / name, chance)


class CrashFS(Operations):
    """The calls that the tests need, each on the tree of nodes."""

    use_ns = True

    def __init__(
        self,
        saved: Path,
        cut_at: int,
        fail_at: int,
        fail_every: int,
        mix: int | None,
        failing: str = "fsync",
    ) -> None:
        self.root = Node(stat.S_IFDIR | 0o700)
        self.saved, self.cut_at = saved, cut_at
        self.fail_at, self.fail_every = fail_at, fail_every
        self.chance = None if mix is None else random.Random(mix)  # noqa: S311
        self.dead, self.open_files, self.opened = False, dict[int, Node](), 0
        self.failing, self.calls = failing, Counter[str]()

    def cut(self) -> None:
        """Lose power."""
        self.dead = True
        self.root.save(self.saved, self.chance)
        (self.saved / ".done").touch()

    def node(self, path: str, fh: int | None = None) -> Node:
        if self.dead:
            raise FuseOSError(errno.EIO)
        if fh is not None:
            return self.open_files[fh]
        node = self.root
        for part in Path(path).parts[1:]:
            if part not in node.names:
                raise FuseOSError(errno.ENOENT)
            node = node.names[part]
        return node

    def parent(self, path: str) -> tuple[Node, str]:
        return self.node(str(Path(path).parent)), Path(path).name

    def fails(self, call: str) -> bool:
        """Count a call, and tell whether it is one that reports an error."""
        self.calls[call] += 1
        if call != self.failing or not self.fail_at:
            return False
        since = self.calls[call] - self.fail_at
        return since == 0 or (self.fail_every > 0 and since > 0 and since % self.fail_every == 0)

    def sync_one(self, node: Node) -> int:
        failed = self.fails("fsync")
        if self.calls["fsync"] == self.cut_at:
            self.cut()
            raise FuseOSError(errno.EIO)
        if failed:
            node.dirty.clear()
            raise FuseOSError(errno.EIO)
        node.sync()
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        return self.sync_one(self.node(path, fh))

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        return self.sync_one(self.node(path))

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        node = self.node(path, fh)
        at = dict.fromkeys(("st_mtime", "st_ctime", "st_atime"), node.changed_at)
        owner = {"st_uid": os.geteuid(), "st_gid": os.getegid()}
        return {"st_mode": node.mode, "st_nlink": node.links, "st_size": len(node.now)} | at | owner

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self.node(path).names]

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        folder, name = self.parent(path)
        folder.names[name] = Node(stat.S_IFREG | stat.S_IMODE(mode))
        return self.open(path, 0)

    def open(self, path: str, flags: int) -> int:
        node = self.node(path)
        self.opened += 1
        self.open_files[self.opened] = node
        return self.opened

    def release(self, path: str, fh: int) -> int:
        del self.open_files[fh]
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self.node(path, fh).now[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        node = self.node(path, fh)
        if self.fails("write"):
            raise FuseOSError(errno.EIO)
        if offset > len(node.now):
            node.resize(offset)
        node.now[offset : offset + len(data)] = data
        node.touch(offset, offset + len(data))
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self.node(path, fh).resize(length)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        folder, name = self.parent(path)
        if path == "/.cut":
            self.cut()
        if path == "/.count":
            (self.saved / ".counts").write_text(json.dumps(self.calls))
        folder.names[name] = Node(stat.S_IFDIR | stat.S_IMODE(mode))
        return 0

    def unlink(self, path: str) -> int:
        folder, name = self.parent(path)
        folder.names.pop(name).links -= 1
        return 0

    rmdir = unlink

    def rename(self, old: str, new: str) -> int:
        (source, old_name), (target, new_name) = self.parent(old), self.parent(new)
        if self.fails("rename"):
            raise FuseOSError(errno.EIO)
        target.names[new_name] = source.names.pop(old_name)
        return 0

    def link(self, target: str, source: str) -> int:
        node, (folder, name) = self.node(source), self.parent(target)
        if name in folder.names:
            raise FuseOSError(errno.EEXIST)
        folder.names[name], node.links = node, node.links + 1
        return 0

    def chmod(self, path: str, mode: int) -> int:
        node = self.node(path)
        node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        self.node(path).changed_at = time.time_ns() if times is None else times[1]
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        # Room for the tests, but not for the store's reserve.
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 8192, "f_bfree": 8192} | {
            "f_bavail": 8192,
            "f_namemax": 255,
        }


def main() -> None:
    """Mount until somebody unmounts."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("mount")
    arguments.add_argument("saved", type=Path)
    arguments.add_argument("--cut", type=int, default=0)
    arguments.add_argument("--fail", type=int, default=0)
    arguments.add_argument("--every", type=int, default=0)
    arguments.add_argument("--call", choices=("fsync", "write", "rename"), default="fsync")
    arguments.add_argument("--mix", type=int)
    given = arguments.parse_args()
    file_system = CrashFS(given.saved, given.cut, given.fail, given.every, given.mix, given.call)
    FUSE(file_system, given.mount, foreground=True, nothreads=True, subtype="crashfs")


if __name__ == "__main__":
    main()
