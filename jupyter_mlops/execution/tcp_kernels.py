"""Kernels that cannot be spoken to over IPC, as was found out when they started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class TcpKernels:
    """Remembers kernelspecs by their content, so that one which is installed anew is tried anew."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add(self, kernel_spec: Mapping[str, Any]) -> None:
        """Note that a kernel had to be started over TCP."""
        self._known.add(_identity(kernel_spec))

    def __contains__(self, kernel_spec: Mapping[str, Any]) -> bool:
        """Tell whether a kernel is known to need TCP."""
        return _identity(kernel_spec) in self._known


def _identity(kernel_spec: Mapping[str, Any]) -> str:
    return json.dumps([kernel_spec.get(key) for key in ("argv", "env", "resource_dir")])
