"""An archive is stored as the bytes it is: nothing of it is opened, extracted or followed (row S15)."""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until

MARK = "canary7f3a"
MEMBERS = [f"../{MARK}", f"../../../{MARK}", f"/tmp/{MARK}", f"..\\{MARK}", f"a/../../{MARK}", MARK]  # noqa: S108
GIGABYTES = 10


def hostile_tar(mode: str) -> bytes:
    """Make a tar of names that lead out of any folder, and of links to what is out there."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{mode}") as archive:
        for name in MEMBERS:
            member = tarfile.TarInfo(name)
            member.size = len(MARK)
            archive.addfile(member, io.BytesIO(MARK.encode()))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            member = tarfile.TarInfo(f"link{kind.decode()}")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    return data.getvalue()


def hostile_zip() -> bytes:
    """Make a zip of the same names, with a symbolic link."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in MEMBERS:
            archive.writestr(name, MARK)
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return data.getvalue()


def bomb() -> bytes:
    """Make a gzip of ten gigabytes of zeros: one compressed megabyte, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.compress(b"")
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    count = GIGABYTES << 10
    end = b"\x03\x00" + struct.pack("<II", 0, (count << 20) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + megabyte * count + end


ARCHIVES = {
    "model.tar": lambda: hostile_tar(""),
    "model.tar.gz": lambda: hostile_tar("gz"),
    "data.zip": hostile_zip,
    "package.whl": hostile_zip,
    "arrays.npz": hostile_zip,
    "bomb.tar.gz": bomb,
    "bomb.gz": bomb,
}


def on_disk(folder: Path) -> int:
    """Return the bytes that all files below a folder take."""
    return sum(path.lstat().st_size for path in folder.rglob("*"))


def test_the_bomb_is_one() -> None:
    unpacker = zlib.decompressobj(31)
    assert len(unpacker.decompress(bomb(), 100 << 20)) == 100 << 20
    assert len(bomb()) < 20 << 20


@pytest.mark.parametrize("path", ARCHIVES)
def test_an_archive_is_stored_as_it_is_and_nothing_comes_out_of_it(
    workspace: Workspace, tmp_path: Path, path: str
) -> None:
    data = ARCHIVES[path]()
    opened = OpenedRun(workspace.home)
    opened.stage(path, data)
    opened.close()
    directory = workspace.home / "runs" / opened.run_id
    until(lambda: not directory.exists(), "the run to be taken in")
    (file,) = workspace.artifacts(opened.run_id)
    assert (file.path, file.size) == (path, len(data))
    assert file.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert file.preview == "none"
    content = workspace.ask("GET", f"runs/{opened.run_id}/artifacts/content", path=path)
    with content.file as stored:
        assert stored.read() == data
    # Far less than what is in it, and none of its names, here or where they lead to.
    assert on_disk(tmp_path) < len(data) + (64 << 20)
    assert list(tmp_path.rglob(f"*{MARK}*")) == []
    assert list(tmp_path.rglob("link*")) == []
    assert not Path("/tmp", MARK).exists()  # noqa: S108
    assert not tmp_path.parent.joinpath(MARK).exists()
