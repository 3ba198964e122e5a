"""A source notebook as far as a run needs to know it: its cells' code, kernel and language."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from jupyter_mlops.domain.errors import InvalidNotebook
from jupyter_mlops.domain.parameters import ParameterSpec
from jupyter_mlops.domain.parameters_cell import read_parameters_cell

PARAMETERS_TAG = "parameters"
_FORMAT = 4
_PLACE = re.compile(r"\$[\w.\[\]]*")
_CONFLICT = re.compile(rb"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)


class NotebookForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a form is made from. ``kernel_name`` is null when the notebook names no kernel.

    ``reads_parameters`` is true when the tagged cell is in a language that is parsed here.
    """

    language: str
    kernel_name: str | None
    has_parameters_cell: bool
    reads_parameters: bool
    specs: list[ParameterSpec]
    warnings: list[str]
    code_cells: int


class _Version(msgspec.Struct, frozen=True):
    nbformat: int
    nbformat_minor: int = 0


class _CellMetadata(msgspec.Struct, frozen=True):
    tags: Any = None


class _Cell(msgspec.Struct, frozen=True):
    cell_type: Literal["code", "markdown", "raw"]
    source: str | list[str]
    metadata: _CellMetadata


class _KernelSpec(msgspec.Struct, frozen=True):
    name: Any = None
    language: Any = None


class _LanguageInfo(msgspec.Struct, frozen=True):
    name: Any = None


class _Metadata(msgspec.Struct, frozen=True):
    kernelspec: _KernelSpec | None = None
    language_info: _LanguageInfo | None = None


class _Notebook(msgspec.Struct, frozen=True):
    cells: list[_Cell]
    metadata: _Metadata


def read_form(content: bytes, *, field: str = "notebook") -> NotebookForm:
    """Read the bytes of a notebook file of format 4; InvalidNotebook says what to do otherwise.

    Outputs are skipped without being built, so a large notebook costs little more than its bytes.
    """
    _check_version(content, field)
    try:
        notebook = msgspec.json.decode(content, type=_Notebook)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidNotebook(
            f"The notebook is damaged{_place(error)}: this is not the form that Jupyter writes."
            " Open and save it in JupyterLab, or restore an earlier copy.",
            field=field,
        ) from None
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    language = _language(notebook.metadata)
    tagged = [_source(cell) for cell in code if _has_tag(cell)]
    specs: list[ParameterSpec] = []
    warnings: list[str] = []
    reads_parameters = bool(tagged) and language == "python"
    if reads_parameters:
        specs, warnings = read_parameters_cell(tagged[0])
    elif tagged:
        # papermill, whose translators write parameters for other languages, reads Python only.
        warnings = [f"Parameters of {language} notebooks cannot be read; give them by their keys."]
    if len(tagged) > 1:
        warnings = [*warnings, "Several cells are tagged parameters; only the first one counts."]
    return NotebookForm(
        language=language,
        kernel_name=_kernel_name(notebook.metadata),
        has_parameters_cell=bool(tagged),
        reads_parameters=reads_parameters,
        specs=specs,
        warnings=warnings,
        code_cells=len(code),
    )


def _check_version(content: bytes, field: str) -> None:
    try:
        version = msgspec.json.decode(content, type=_Version).nbformat
    except msgspec.ValidationError:
        raise InvalidNotebook(
            "The file is JSON but no notebook: it names no notebook format.", field=field
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if not content.strip():
            message = "The file is empty. Open it in JupyterLab and save it to make it a notebook."
        elif _CONFLICT.search(content):
            message = "The file holds a merge conflict. Resolve it, for example with nbdime."
        else:
            message = "The file is not a notebook: it is not valid JSON."
        raise InvalidNotebook(message, field=field) from None
    if version < _FORMAT:
        raise InvalidNotebook(
            f"The notebook has the old format {version}. Convert it with"
            " `jupyter nbconvert --to notebook --nbformat 4 --inplace` and run it again.",
            field=field,
        )
    if version > _FORMAT:
        raise InvalidNotebook(
            f"The notebook has format {version}, which is newer than this server knows.",
            field=field,
        )


def _place(error: Exception) -> str:
    """Return where the damage is, as in `` at $.cells[...].source``, and nothing of the file."""
    match = _PLACE.search(str(error))
    return f" at {match[0]}" if match else ""


def _source(cell: _Cell) -> str:
    return cell.source if isinstance(cell.source, str) else "".join(cell.source)


def _has_tag(cell: _Cell) -> bool:
    return isinstance(cell.metadata.tags, list) and PARAMETERS_TAG in cell.metadata.tags


def _language(metadata: _Metadata) -> str:
    named = (
        metadata.language_info.name if metadata.language_info else None,
        metadata.kernelspec.language if metadata.kernelspec else None,
    )
    for name in named:
        if isinstance(name, str) and name:
            return name.lower()[:100]
    return "python"


def _kernel_name(metadata: _Metadata) -> str | None:
    name = metadata.kernelspec.name if metadata.kernelspec else None
    return name if isinstance(name, str) and name else None
