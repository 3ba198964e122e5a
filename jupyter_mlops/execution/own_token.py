"""What a server of ours put into the environment of a kernel, so that MLflow finds it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.secret_forms import TOKEN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

URI = "MLFLOW_TRACKING_URI"
TOKEN = "MLFLOW_TRACKING_TOKEN"  # noqa: S105 - the name of a variable
CERTIFICATE = "MLFLOW_TRACKING_SERVER_CERT_PATH"
NO_TELEMETRY = "MLFLOW_DISABLE_TELEMETRY"
CONTEXT = "MLFLOW_RUN_CONTEXT"
EXPERIMENT = "MLFLOW_EXPERIMENT_ID"
_OURS = frozenset({URI, TOKEN, CERTIFICATE, NO_TELEMETRY, CONTEXT, EXPERIMENT})


def own_token(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the kernel's token by its variable, nothing if there is none or one of the user's."""
    token = environment.get(TOKEN, "")
    return {TOKEN: token} if token.startswith(TOKEN_PREFIX) else {}


def without_own(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what else there is: the token of one kernel is not for those started from it."""
    ours = _OURS if own_token(environment) else frozenset[str]()
    return {name: text for name, text in environment.items() if name not in ours}
