"""An active run counts as activity of the server; an idle queue does not."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

from jupyter_mlops.server.activity import KEY, RunActivity


def test_only_an_active_run_keeps_the_culler_away() -> None:
    async def scenario() -> None:
        settings: dict[str, Any] = {"last_activity_times": {}}
        active = 0
        activity = RunActivity(settings, lambda: active)
        activity.start()
        activity.refresh()
        assert settings["last_activity_times"] == {}
        active = 1
        before = datetime.now(timezone.utc)
        activity.refresh()
        assert settings["last_activity_times"][KEY] >= before
        activity.stop()

    asyncio.run(scenario())
