"""What is known of a source notebook before it runs."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_mlops.domain.parameters import ParameterSpec


class NotebookInspection(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a notebook: its parameters, kernel, digest, and what was used last.

    ``has_parameters_cell`` says that a cell is tagged, in whatever language; only where
    ``reads_parameters`` is true are its parameters known, and no others accepted. ``last_used``
    holds what was given, without secrets, as far as it still fits; ``last_kernel_name`` is null
    when the kernel was the notebook's own.
    """

    path: str
    digest: str
    language: str
    kernel_name: str | None
    has_parameters_cell: bool
    reads_parameters: bool
    parameters: list[ParameterSpec]
    warnings: list[str]
    code_cells: int
    last_used: dict[str, Any]
    last_experiment: str | None
    last_kernel_name: str | None
    last_time_limit: float | None
    default_experiment: str
