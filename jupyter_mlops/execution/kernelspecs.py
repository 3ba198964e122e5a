"""The kernelspecs that are installed here, as jupyter_client finds them."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

from jupyter_client.kernelspec import (
    NATIVE_KERNEL_NAME,
    KernelSpec,
    KernelSpecManager,
    NoSuchKernel,
)

from jupyter_mlops.domain.kernels import KernelSpecInfo
from jupyter_mlops.execution.warm_kernel import can_be_warm


class InstalledKernels:
    """Looks on disk at each call, so that a kernel installed meanwhile is seen.

    ``manager`` is the host's own when it has one (it may know more places, or allow fewer).
    """

    def __init__(
        self, manager: KernelSpecManager | None = None, default: str = NATIVE_KERNEL_NAME
    ) -> None:
        self._manager = KernelSpecManager() if manager is None else manager
        self._default = default

    def infos(self) -> list[KernelSpecInfo]:
        """Return every kernelspec, the default first, the others by the name users see."""
        found = [
            self._info(name, KernelSpec(resource_dir=item["resource_dir"], **item["spec"]))
            for name, item in self._manager.get_all_specs().items()
        ]
        return sorted(found, key=lambda info: (not info.default, info.display_name.casefold()))

    def spec(self, name: str) -> dict[str, Any] | None:
        """Return a kernelspec as in its ``kernel.json``, with ``resource_dir``; None if unknown."""
        try:
            spec = self._manager.get_kernel_spec(name)
        except NoSuchKernel:
            return None
        return {**spec.to_dict(), "resource_dir": spec.resource_dir}

    def _info(self, name: str, spec: KernelSpec) -> KernelSpecInfo:
        return KernelSpecInfo(
            name=name,
            display_name=spec.display_name or name,
            language=spec.language.lower(),
            interpreter=_interpreter(spec.argv),
            warm=can_be_warm(spec),
            default=name == self._default,
        )


def _interpreter(argv: list[str]) -> str:
    """Return the program of a kernel as an absolute path where it is found, else as written."""
    if not argv:
        return ""
    version = sys.version_info
    if argv[0] in ("python", f"python{version[0]}", f"python{version[0]}.{version[1]}"):
        return sys.executable  # jupyter_client starts these with its own interpreter
    found = shutil.which(argv[0])
    return os.path.abspath(found) if found else argv[0]  # noqa: PTH100 - links are kept
