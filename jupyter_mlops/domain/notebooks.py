"""What is known of a source notebook before it runs."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_mlops.domain.parameters import ParameterSpec


class NotebookInspection(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a notebook: its parameters, kernel, digest, and the values used last."""

    path: str
    digest: str
    language: str
    kernel_name: str | None
    has_parameters_cell: bool
    parameters: list[ParameterSpec]
    warnings: list[str]
    code_cells: int
    last_used: dict[str, Any]
    last_experiment: str | None
    default_experiment: str
