"""Logging files: bytes are staged complete and durable before the record that names them.

Temporary name, sha256 while writing, fsync, rename, fsync of the folder, then the `artifact`
record: a record never exists without its bytes.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jupyter_mlops.durable import sync_folder
from jupyter_mlops.kernel.active_run import Run, run_for
from jupyter_mlops.kernel.figures import FigureError, write_figure
from jupyter_mlops.kernel.harmless import harmless
from jupyter_mlops.kernel.masking import masked, masked_key
from jupyter_mlops.kernel.names import fault_of_path
from jupyter_mlops.kernel.notices import notice, shown, told
from jupyter_mlops.kernel.values import json_value, text

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK_BYTES = 1 << 20


@harmless
def log_artifact(path: str | os.PathLike[str], name: str | None = None) -> None:
    """Record a copy of the file at ``path`` as it is now, under ``name`` or its own file name."""
    run = run_for("log_artifact")
    if run is None:
        return
    source = _path("log_artifact", path)
    if source is None:
        return
    mode = _mode("log_artifact", source)
    if mode is None:
        return
    if not stat.S_ISREG(mode):
        fault = "is a folder; use log_artifacts" if stat.S_ISDIR(mode) else "is not a file"
        notice(f"log_artifact: {shown(str(source))} {fault}.")
        return
    _log(run, source.name if name is None else name, lambda file: _copy(source, file))


@harmless
def log_artifacts(folder: str | os.PathLike[str], name: str | None = None) -> None:
    """Record every file below ``folder``, under ``name/`` or under their paths within it.

    Hidden files and linked folders are left out.
    """
    run = run_for("log_artifacts")
    if run is None:
        return
    root = _path("log_artifacts", folder)
    if root is None:
        return
    mode = _mode("log_artifacts", root)
    if mode is None:
        return
    if not stat.S_ISDIR(mode):
        notice(f"log_artifacts: {shown(str(root))} is not a folder.")
        return
    for place, folders, files in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for file_name in sorted(files):
            source = Path(place, file_name)
            within = source.relative_to(root).as_posix()
            if file_name.startswith(".") or not stat.S_ISREG(_mode("log_artifacts", source) or 0):
                continue
            _log(run, f"{name}/{within}" if name else within, _copier(source))


@harmless
def log_figure(figure: Any, path: str) -> None:
    """Record a figure of Matplotlib, Plotly, Altair or Pillow; the path's ending says the format."""
    run = run_for("log_figure")
    if run is not None:
        _log(run, path, lambda file: write_figure(figure, Path(path).suffix[1:].lower(), file))


@harmless
def log_text(text: str, path: str) -> None:
    """Record text as a UTF-8 file."""
    run = run_for("log_text")
    if run is not None:
        _log(run, path, lambda file: file.write(masked(str(text)).encode("utf-8", "replace")))


@harmless
def log_dict(obj: Any, path: str) -> None:
    """Record a dict or list as a JSON file; YAML readers read JSON too."""
    run = run_for("log_dict")
    if run is not None:
        _log(run, path, lambda file: file.write(_indented(obj)))


def _path(call: str, given: Any) -> Path | None:
    try:
        return Path(given)
    except TypeError:
        notice(f"{call}: {shown(given)} is not a path; nothing was recorded.")
        return None


def _mode(call: str, path: Path) -> int | None:
    """Return what is at ``path``, as of ``os.stat``, 0 for nothing; None, and say so, if it cannot tell."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (
        OSError,
        ValueError,
    ) as error:  # no right to look, a name that is too long or holds a NUL
        notice(f"{call}: {shown(str(path))} cannot be read ({told(error)}).")
        return None


def _log(run: Run, path: str, write: Callable[[IO[bytes]], object]) -> None:
    fault = fault_of_path(path)
    if fault is not None:
        notice(f"The artifact {shown(path)} was not recorded: {fault}.", once=f"path {shown(path)}")
        return
    if run.directory is None:
        return
    run.restore()
    try:
        staged, size, digest = _stage(run.directory / "staged", write)
    except OSError as error:
        notice(f"The artifact {shown(path)} was not recorded: {error.strerror or error}.")
    except FigureError as error:
        notice(f"The artifact {shown(path)} was not recorded: {error}.")
    except Exception as error:  # noqa: BLE001 (a plotting library may raise anything)
        notice(f"The artifact {shown(path)} was not recorded: {told(error)}.")
    else:
        run.record("artifact", path=masked_key(path), file=staged, size=size, sha256=digest)


def _stage(folder: Path, write: Callable[[IO[bytes]], object]) -> tuple[str, int, str]:
    """Write a file of ``folder`` and return its name, its size in bytes and its sha256."""
    from hashlib import sha256  # noqa: PLC0415 (loads OpenSSL, which metrics never need)

    name = os.urandom(16).hex()
    unfinished = folder / f"{name}.part"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(unfinished, flags, 0o600), "w+b") as file:
            os.fchmod(file.fileno(), 0o600)
            write(file)
            file.flush()
            os.fsync(file.fileno())
            # Read back what was written: a writer of images seeks, so that hashing on the
            # way would hash another order of bytes.
            file.seek(0)
            digest = sha256()
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
            size = file.tell()
        unfinished.rename(folder / name)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(folder)
    return name, size, digest.hexdigest()


def _copier(source: Path) -> Callable[[IO[bytes]], object]:
    return lambda file: _copy(source, file)


def _copy(source: Path, file: IO[bytes]) -> None:
    with source.open("rb") as origin:
        while chunk := origin.read(_CHUNK_BYTES):
            file.write(chunk)


def _indented(value: Any) -> bytes:
    return (
        text(json.dumps(masked(json_value(value)), indent=2, ensure_ascii=False)).encode() + b"\n"
    )
