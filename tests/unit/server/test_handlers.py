"""The handler behind every address, of which Jupyter sees a stand-in when it looks for open methods."""

from __future__ import annotations

from typing import Any, cast

from jupyter_server.serverapp import ServerWebApplication
from tornado import web

from jupyter_mlops.server.handlers import ApiHandler

_WEB: Any = cast(Any, ServerWebApplication)


def open_methods(handler: type[web.RequestHandler]) -> list[str]:
    """Return the methods that Jupyter would call open to everybody."""
    found: list[str] = _WEB._check_handler_auth(None, "every address", handler)
    return found


def test_no_method_is_open_to_everybody_by_mistake() -> None:
    class Careless(ApiHandler):
        def delete(self, path: str | None) -> None:
            pass

    assert [each.split()[1] for each in open_methods(Careless)] == ["DELETE"]
    assert open_methods(ApiHandler) == []
