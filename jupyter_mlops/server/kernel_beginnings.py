"""What a kernel starts with: the variables by which MLflow finds this server, and code to run first."""

from __future__ import annotations

from dataclasses import dataclass, field
from logging import Logger
from typing import TYPE_CHECKING

from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.mlflow_address import FindAddress
from jupyter_mlops.execution.autolog_code import autolog_code
from jupyter_mlops.execution.mlflow_environment import (
    is_behind_proxy,
    is_users_own,
    mlflow_environment,
)
from jupyter_mlops.server.session_notebook import SessionFolders

if TYPE_CHECKING:
    from jupyter_mlops.server.kernel_provisioner import MLOpsProvisioner


@dataclass(frozen=True)
class Beginning:
    """``variables`` are none for a kernel that is not to track, or set up by its user to do so."""

    variables: dict[str, str] = field(default_factory=dict)
    code: str | None = None


class KernelBeginnings:
    """Makes them, and with them the token of the kernel; works in a thread that may wait for disks."""

    def __init__(
        self,
        core: Core,
        address: FindAddress,
        folders: SessionFolders,
        log: Logger,
    ) -> None:
        self._core = core
        self._address = address
        self._folders = folders
        self._log = log

    def prepare(
        self, kernel: MLOpsProvisioner, environment: dict[str, str], starter: Actor
    ) -> Beginning:
        """Return what to add for a kernel that would start with ``environment``; MlopsError if not."""
        self._core.demand()
        preferred = self._core.services.preferences.get(starter)
        return Beginning(
            variables=self._variables(kernel, environment, starter),
            code=autolog_code() if preferred.autolog and kernel.speaks_python else None,
        )

    def _variables(
        self, kernel: MLOpsProvisioner, environment: dict[str, str], starter: Actor
    ) -> dict[str, str]:
        address = None if is_users_own(environment) else self._address()
        if address is None:
            return {}
        if is_behind_proxy(environment, address):
            self._log.warning(
                "Kernel %s starts without MLflow tracking: a proxy is set for this machine itself. "
                "Add 127.0.0.1 to NO_PROXY.",
                kernel.kernel_id,
            )
            return {}
        notebook = self.notebook(kernel)
        tokens = self._core.services.kernel_tokens
        token = tokens.issue_for_kernel(starter, str(kernel.kernel_id), notebook)
        return mlflow_environment(environment, address, token, user=starter.user, notebook=notebook)

    def notebook(self, kernel: MLOpsProvisioner) -> str | None:
        """Return the contents path, as it is now, of the notebook that a kernel is for."""
        return self._folders.notebook(kernel.session_name)
