"""What an administrator chose, as the settings of a core, or a refusal of what cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from jupyter_server.serverapp import ServerApp
from traitlets import TraitError

from jupyter_mlops.server.served_folders import root_of_contents
from jupyter_mlops.settings import EnvironmentMode, Settings

if TYPE_CHECKING:
    from jupyter_mlops.server.extension import MLOpsApp


def settings_of(app: MLOpsApp, serverapp: ServerApp) -> Settings:
    """Return the settings of a core inside this server."""
    return Settings(
        root=root_of_contents(serverapp).resolve(),
        home=Path(app.home),
        database_url=app.database_url or None,
        concurrency=app.concurrency,
        start_timeout=app.start_timeout,
        environment_mode=cast(EnvironmentMode, app.environment_mode),
        environment_allowed=tuple(app.environment_allowed),
        max_notebook_bytes=app.max_notebook_bytes,
        memory_limit=app.memory_limit,
        upload_quota=app.upload_quota,
        upload_idle_seconds=app.upload_idle_seconds,
        trash_days=app.trash_days,
        mlflow_in_kernels=app.mlflow_in_kernels,
    )


def check(app: MLOpsApp) -> None:
    """Raise TraitError for a setting that is unknown, or has no effect beside the others."""
    if set(app.config.MLOpsApp) - set(app.trait_names()):
        raise TraitError("There is a setting of MLOpsApp in the configuration that is unknown.")
    if app.environment_allowed and app.environment_mode != "allow":
        raise TraitError(
            "MLOpsApp.environment_allowed has no effect unless environment_mode is 'allow'."
        )
