"""What the kernel of a run gets so that MLflow's clients in its notebook log to that very run."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.mlflow_address import FindAddress
from jupyter_mlops.domain.run_spec import RunSpec
from jupyter_mlops.execution.mlflow_environment import (
    is_behind_proxy,
    is_users_own,
    mlflow_environment,
)
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database

_LOG = logging.getLogger(__name__)


class RunTracking:
    """Makes the tokens of runs; ``address`` finds where clients reach this server."""

    def __init__(
        self,
        database: Database,
        tokens: KernelTokenService,
        address: FindAddress,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._address = address

    def variables(self, spec: RunSpec, environment: Mapping[str, str]) -> dict[str, str]:
        """Return what to add to the ``environment`` that a run would have; a run needs none of it."""
        try:
            return self._variables(spec, environment)
        except Exception as error:  # noqa: BLE001 - a run starts whatever is wrong with this
            log_fault(_LOG, f"run {spec.run_id} starts without MLflow tracking", error)
            return {}

    def _variables(self, spec: RunSpec, environment: Mapping[str, str]) -> dict[str, str]:
        if not spec.tracked or is_users_own(environment):
            return {}
        address = self._address()
        if address is None:
            return {}
        if is_behind_proxy(environment, address):
            _LOG.warning(
                "run %s starts without MLflow tracking: a proxy is set for this machine itself. "
                "Add 127.0.0.1 to NO_PROXY.",
                spec.run_id,
            )
            return {}
        with self._database.read() as connection:
            state = runs.find(connection, spec.run_id)
        if state is None:
            raise MlopsError("The store does not know it any more.")
        return mlflow_environment(
            environment,
            address,
            self._tokens.issue_for_run(spec.run_id, spec.user),
            user=spec.user,
            notebook=spec.notebook,
            experiment_id=state.experiment_id,
        )
