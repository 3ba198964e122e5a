"""Code that a kernel runs first, without a trace in its history or in what browsers show."""

from __future__ import annotations

import asyncio
from queue import Empty
from typing import TYPE_CHECKING

from jupyter_client.asynchronous.client import AsyncKernelClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_client.connect import KernelConnectionInfo


async def send_silently(
    connection: KernelConnectionInfo, code: str, is_alive: Callable[[], Awaitable[bool]]
) -> None:
    """Have a kernel that is starting run ``code``; returns when it has, or is gone."""
    client = AsyncKernelClient()
    client.load_connection_info(connection)
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    try:
        # It waits here until the kernel listens; who waits for that before sending comes later.
        client.execute(
            code, silent=True, store_history=False, allow_stdin=False, stop_on_error=False
        )
        while await is_alive():
            try:
                await client.get_shell_msg(timeout=1.0)
                return
            except (Empty, asyncio.TimeoutError):
                pass
    finally:
        client.stop_channels()
        client.context.destroy(linger=0)
