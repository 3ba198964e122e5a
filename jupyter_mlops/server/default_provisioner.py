"""Our provisioner is the one of every kernel that names none, while this server runs."""

from __future__ import annotations

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_server.serverapp import ServerApp

from jupyter_mlops.server.kernel_provisioner import NAME, SETTING, MLOpsProvisioner
from jupyter_mlops.server.tracked_kernels import TrackedKernels

_JUPYTERS = "local-provisioner"


class DefaultProvisioner:
    """Takes over from Jupyter's own, unless somebody else did."""

    def __init__(self, serverapp: ServerApp, kernels: TrackedKernels) -> None:
        self._serverapp = serverapp
        self._kernels = kernels
        self._factory: KernelProvisionerFactory | None = None

    def take_over(self) -> None:
        """Have kernels start through us from now on, where our entry point is installed."""
        self._serverapp.web_app.settings[SETTING] = self._kernels
        factory = KernelProvisionerFactory.instance(parent=self._serverapp)
        ours = f"{MLOpsProvisioner.__module__}:{MLOpsProvisioner.__name__}"
        if factory.default_provisioner_name != _JUPYTERS:
            return
        if factory.get_provisioner_entries().get(NAME) != ours:
            self._serverapp.log.warning(
                "Kernels do not track with MLflow by themselves: the installation of jupyter-mlops "
                "is incomplete. Install it again."
            )
            return
        factory.default_provisioner_name = NAME
        self._factory = factory

    def give_back(self) -> None:
        """Leave later kernels of this process to Jupyter."""
        self._serverapp.web_app.settings.pop(SETTING, None)
        if self._factory is not None:
            self._factory.default_provisioner_name = _JUPYTERS
            self._factory = None
