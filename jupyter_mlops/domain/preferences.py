"""What a user prefers, on whatever browser and in whatever kernel."""

from __future__ import annotations

import msgspec


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What one user prefers.

    With ``autolog`` kernels that start from then on let MLflow log training by itself, as do runs
    whose request does not say.
    """

    autolog: bool


class PreferencesChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user prefers from now on; an unset field stays as it is."""

    autolog: bool | msgspec.UnsetType = msgspec.UNSET
