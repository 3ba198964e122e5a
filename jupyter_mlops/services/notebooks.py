"""Source notebooks: found under the root folder, read safely, and what their form shows."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidNotebook, MlopsError, NotFound, TooLarge
from jupyter_mlops.domain.experiments import DEFAULT_EXPERIMENT
from jupyter_mlops.domain.kernels import is_same_kernel
from jupyter_mlops.domain.names import PATH_MAX_CHARS
from jupyter_mlops.domain.notebooks import NotebookInspection
from jupyter_mlops.domain.parameters import ParameterSpec, still_fitting
from jupyter_mlops.domain.source_notebook import read_form
from jupyter_mlops.safe_open import (
    LinkRefused,
    NotARegularFile,
    Unreadable,
    open_beneath,
)
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import parameters
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.parameters import LastUse

MEGABYTE = 1_000_000
# Jupyter's collaboration extension names its documents so; they lie on the same disk.
SHARED_DRIVE = "RTC:"
_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")


@dataclass(frozen=True)
class NotebookSource:
    """A notebook ready to run: its bytes, their digest, and what its form knows.

    ``path`` is the contents path, ``folder`` the absolute folder in which a run works,
    ``digest`` is ``sha256:<64 hex digits>`` of ``data``.
    """

    path: str
    data: bytes
    digest: str
    language: str
    kernel_name: str | None
    has_parameters_cell: bool
    reads_parameters: bool
    specs: list[ParameterSpec]
    warnings: list[str]
    code_cells: int
    folder: Path


class NotebookService:
    """Reads notebooks below ``root``, the folder that contents paths are relative to.

    Files over ``max_bytes`` are refused.
    """

    def __init__(
        self, root: Path, database: Database, content: ContentStore, *, max_bytes: int
    ) -> None:
        self._root = root.resolve()
        self._database = database
        self._content = content
        self._max_bytes = max_bytes

    def inspect(self, actor: Actor, path: str) -> NotebookInspection:
        """Return the form of a notebook, with the values that this actor used last."""
        require(actor, "read", "mlops:notebooks")
        source = self.read_source(path, field="path")
        with self._database.read() as connection:
            last = parameters.last_used(connection, actor.user, source.path)
        return form_of(source, last, self._kernel_then(source, last))

    def _kernel_then(self, source: NotebookSource, last: LastUse) -> str | None:
        """Return the kernel that the notebook named when it was run last, None if not known."""
        if last.source_digest is None or is_same_kernel(last.kernel_name, source.kernel_name):
            return source.kernel_name
        # A record that cannot be read must not keep a notebook from its form.
        with suppress(MlopsError, OSError):
            return self.recorded_source(source.path, last.source_digest).kernel_name
        return None

    def recorded_source(self, path: str, digest: str) -> NotebookSource:
        """Return the source that a run of the notebook at ``path`` recorded."""
        with self._content.open(digest) as file:
            return self.parse_source(path, file.read())

    def read_source(self, path: str, *, field: str = "notebook") -> NotebookSource:
        """Read the notebook at a contents path; NotFound, InvalidNotebook or TooLarge if not."""
        path = contents_path(path, field=field)
        return self.parse_source(path, self._read(path, field), field=field)

    def parse_source(self, path: str, data: bytes, *, field: str = "notebook") -> NotebookSource:
        """Understand bytes that were read from ``path`` earlier, as for the repeat of a run."""
        form = read_form(data, field=field)
        return NotebookSource(
            path=path,
            data=data,
            digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
            language=form.language,
            kernel_name=form.kernel_name,
            has_parameters_cell=form.has_parameters_cell,
            reads_parameters=form.reads_parameters,
            specs=form.specs,
            warnings=form.warnings,
            code_cells=form.code_cells,
            folder=self._root.joinpath(path).parent,
        )

    def _read(self, path: str, field: str) -> bytes:
        try:
            # Package installers link their files from a cache, so a notebook may have two names.
            with open_beneath(self._root, path, hard_links=True) as file:
                # A large file costs nothing; one that grows meanwhile no more than the limit.
                size = os.fstat(file.fileno()).st_size
                data = file.read(self._max_bytes + 1) if size <= self._max_bytes else b""
                if max(size, len(data)) > self._max_bytes:
                    raise TooLarge(self._too_large(max(size, len(data))), field=field)
                return data
        except LinkRefused:
            raise InvalidNotebook(
                "The path goes through a symbolic link, which may lead out of the root folder."
                " Run the notebook from the place where it lies.",
                field=field,
            ) from None
        except NotARegularFile:
            raise InvalidNotebook(
                "This is a folder or a special file, not a notebook.", field=field
            ) from None
        except (Unreadable, OSError):
            raise InvalidNotebook(
                "The notebook cannot be read by this server. Check its permissions, and that its"
                " disk answers.",
                field=field,
            ) from None
        except NotFound:
            raise NotFound(
                "There is no notebook at this path below the root folder of the server. It may"
                " have been renamed or moved; give the path that the file browser shows.",
                field=field,
            ) from None

    def _too_large(self, size: int) -> str:
        return (
            f"The notebook has {size / MEGABYTE:.0f} MB, more than the"
            f" {self._max_bytes / MEGABYTE:.0f} MB that a run takes. Clear its outputs (Edit menu,"
            " Clear Outputs of All Cells), save it, and run it again; or set"
            " MLOpsApp.max_notebook_bytes higher."
        )


def form_of(source: NotebookSource, last: LastUse, kernel_then: str | None) -> NotebookInspection:
    """Return the form of a notebook, filled with what an earlier run of it was given.

    ``kernel_then`` is what the notebook named when it was run: that one was not chosen for the run.
    """
    chosen = kernel_then is not None and not is_same_kernel(last.kernel_name, kernel_then)
    return NotebookInspection(
        path=source.path,
        digest=source.digest,
        language=source.language,
        kernel_name=source.kernel_name,
        has_parameters_cell=source.has_parameters_cell,
        reads_parameters=source.reads_parameters,
        parameters=source.specs,
        warnings=source.warnings,
        code_cells=source.code_cells,
        last_used=still_fitting(source.specs, last.values, strict=source.reads_parameters),
        last_experiment=last.experiment,
        last_kernel_name=last.kernel_name if chosen else None,
        last_time_limit=last.time_limit,
        default_experiment=DEFAULT_EXPERIMENT,
    )


def contents_path(path: str, *, field: str = "notebook") -> str:
    """Return a contents path of a notebook in its plain form, else raise InvalidNotebook.

    Any file name that Jupyter shows is taken (spaces, braces, Unicode); what could lead
    elsewhere, or to another drive than the server's disk, is refused before anything is opened.
    """
    path = path.removeprefix(SHARED_DRIVE)
    if not 1 <= len(path) <= PATH_MAX_CHARS:
        raise InvalidNotebook(f"A path has 1 to {PATH_MAX_CHARS} characters.", field=field)
    if any(ord(char) < 32 or ord(char) == 127 for char in path) or not _is_text(path):
        raise InvalidNotebook("A path may not hold control characters.", field=field)
    if _DRIVE.match(path.split("/")[0]):
        raise InvalidNotebook(
            "The notebook is on another drive, or its path starts with a name and a colon. Copy it"
            " to the server's own disk, under a name without a colon.",
            field=field,
        )
    parts = path.split("/")
    if "\\" in path or any(part in ("", ".", "..") for part in parts):
        raise InvalidNotebook(
            "Give the path relative to the root folder of the server, with / between its parts and"
            " without . or .. in it.",
            field=field,
        )
    if any(part.startswith(".") for part in parts):
        raise InvalidNotebook(
            "Hidden files and folders are not run. Move the notebook, or rename it so that no part"
            " of its path starts with a dot.",
            field=field,
        )
    if not path.endswith(".ipynb"):
        raise InvalidNotebook(
            "The file is not a notebook: choose one that ends in .ipynb.", field=field
        )
    return path


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
