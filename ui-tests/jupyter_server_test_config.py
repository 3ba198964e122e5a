"""The server under the journeys: Galata's settings, on the port of the journeys.

Galata switches the token off, so this is for a browser test on the same machine and nothing else.
"""

from __future__ import annotations

import os
from typing import Any

from jupyterlab.galata import configure_jupyter_server

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to config files

configure_jupyter_server(c)
c.ServerApp.port = int(os.environ["MLOPS_TEST_PORT"])
# Containers run the tests as root.
c.ServerApp.allow_root = True
