"""Preferences: read and change one's own."""

from __future__ import annotations

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.preferences import Preferences, PreferencesChange

ROUTES = (
    Route(
        method="GET",
        path="preferences",
        operation_id="getPreferences",
        summary="Tell what the acting user prefers.",
        handler=lambda services, request: services.preferences.get(request.actor),
        action="read",
        resource="mlops:kernels",
        answer=Preferences,
    ),
    Route(
        method="PATCH",
        path="preferences",
        operation_id="changePreferences",
        summary="Change what the acting user prefers; kernels follow that start from then on.",
        handler=lambda services, request: services.preferences.change(request.actor, request.body),
        action="write",
        resource="mlops:kernels",
        body=PreferencesChange,
        answer=Preferences,
    ),
)
