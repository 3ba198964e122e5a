"""The variables by which an MLflow client in a kernel finds this server, and when there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from jupyter_mlops.execution.own_token import (
    CERTIFICATE,
    CONTEXT,
    EXPERIMENT,
    NO_TELEMETRY,
    TOKEN,
    URI,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.domain.mlflow_address import MlflowAddress

# Who set one of these has a server of their own, or another way to prove who they are.
_USERS_OWN = frozenset(
    {
        URI,
        TOKEN,
        "MLFLOW_TRACKING_USERNAME",
        "MLFLOW_TRACKING_PASSWORD",
        "MLFLOW_TRACKING_AUTH",
        "MLFLOW_REGISTRY_URI",
    }
)
# With one of these, the client refuses the other.
_EXCLUDED_BY = {
    CERTIFICATE: "MLFLOW_TRACKING_INSECURE_TLS",
    EXPERIMENT: "MLFLOW_EXPERIMENT_NAME",
}
# Its user name and password would be sent before any token.
_CREDENTIALS = Path(".mlflow", "credentials")


def is_users_own(environment: Mapping[str, str]) -> bool:
    """Tell whether a kernel with this environment is set up for MLflow by its user."""
    home = environment.get("HOME")
    return not _USERS_OWN.isdisjoint(environment) or (
        home is not None and Path(home, _CREDENTIALS).exists()
    )


def is_behind_proxy(environment: Mapping[str, str], address: MlflowAddress) -> bool:
    """Tell whether a client would ask a proxy for this machine, which knows another by that name."""
    proxies = {
        name.lower().removesuffix("_proxy"): text
        for name, text in environment.items()
        if text and name.lower().endswith("_proxy")
    }
    parts = urlsplit(address.uri)
    if not proxies.keys() & {parts.scheme, "all"}:
        return False
    return not proxy_bypass_environment(parts.netloc, proxies)


def mlflow_environment(
    environment: Mapping[str, str],
    address: MlflowAddress,
    token: str,
    *,
    user: str,
    notebook: str | None,
    experiment_id: int | None = None,
) -> dict[str, str]:
    """Return what to add to ``environment`` so that a client finds ``address``.

    ``notebook`` is a contents path; runs say that they come from it.
    """
    source = {"mlflow.source.name": notebook, "mlflow.source.type": "NOTEBOOK"} if notebook else {}
    found = {
        URI: address.uri,
        TOKEN: token,
        NO_TELEMETRY: "true",
        CONTEXT: json.dumps({**source, "mlflow.user": user}),
    }
    if address.certificate is not None:
        found[CERTIFICATE] = address.certificate
    if experiment_id is not None:
        found[EXPERIMENT] = str(experiment_id)
    return {
        name: text
        for name, text in found.items()
        if name not in environment and _EXCLUDED_BY.get(name) not in environment
    }
