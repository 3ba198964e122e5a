"""Our provisioner takes the place of Jupyter's own, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets.config import Configurable

from jupyter_mlops.server.default_provisioner import DefaultProvisioner
from jupyter_mlops.server.kernel_provisioner import SETTING, MLOpsProvisioner


class Server(Configurable):
    """What is asked of a Jupyter server."""

    def __init__(self) -> None:
        super().__init__()
        self.web_app = SimpleNamespace(settings={})
        self.warnings: list[str] = []
        self.log = SimpleNamespace(warning=self.warnings.append)


@pytest.fixture
def server() -> Iterator[Server]:
    KernelProvisionerFactory.clear_instance()
    yield Server()
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def provisioner(server: Server) -> DefaultProvisioner:
    kernels: Any = object()
    return DefaultProvisioner(server, kernels)  # type: ignore[arg-type]


def class_for(**metadata: Any) -> type:
    """Return the class that would start a kernel of such a kernelspec."""
    spec = KernelSpec(argv=["python"], metadata=metadata)
    factory = KernelProvisionerFactory.instance()
    return type(factory.create_provisioner_instance("id", spec, parent=None))


def test_kernels_start_through_us_while_the_server_runs(
    server: Server, provisioner: DefaultProvisioner
) -> None:
    provisioner.take_over()
    assert class_for() is MLOpsProvisioner, "`make test-python` renews the installation."
    assert SETTING in server.web_app.settings
    provisioner.give_back()
    assert class_for() is LocalProvisioner
    assert SETTING not in server.web_app.settings


def test_a_kernelspec_that_names_a_provisioner_keeps_it(provisioner: DefaultProvisioner) -> None:
    provisioner.take_over()
    named = {"provisioner_name": "local-provisioner"}
    assert class_for(kernel_provisioner=named) is LocalProvisioner


def test_a_provisioner_that_an_operator_chose_stays(provisioner: DefaultProvisioner) -> None:
    factory = KernelProvisionerFactory.instance()
    factory.default_provisioner_name = "of-the-operator"
    provisioner.take_over()
    assert factory.default_provisioner_name == "of-the-operator"
    provisioner.give_back()
    assert factory.default_provisioner_name == "of-the-operator"


def test_without_our_entry_point_kernels_start_as_ever_and_the_log_says_so(
    server: Server, provisioner: DefaultProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = KernelProvisionerFactory.instance()
    ours = {"local-provisioner": factory.provisioners["local-provisioner"]}
    monkeypatch.setattr(factory, "provisioners", ours)
    provisioner.take_over()
    assert class_for() is LocalProvisioner
    assert len(server.warnings) == 1
