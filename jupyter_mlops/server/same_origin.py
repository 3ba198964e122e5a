"""Whose page sent this request: ours, none, or another that is refused (security row S4)."""

from __future__ import annotations

from urllib.parse import urlsplit

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import origin_matches_pat

from jupyter_mlops.domain.errors import Forbidden, InvalidRequest


def check(handler: JupyterHandler) -> None:
    """Raise Forbidden for a request of another site, also when it carries a token.

    Jupyter lets any page use a token; here an origin must be this server's own or one that the
    server's configuration names. Raises InvalidRequest for a token in the URL, where proxies and
    histories would keep it.
    """
    if "token" in handler.request.query_arguments:
        raise InvalidRequest("Send the token in the Authorization header, not in the URL.")
    if not handler.check_host():
        raise Forbidden("This server does not answer under this host name.")
    origin = handler.request.headers.get("Origin")
    if origin is not None and is_configured(handler, origin):
        return
    if handler.request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forbidden("Requests from other sites are refused.")
    if origin is not None and not _is_ours(origin, handler.request.host):
        raise Forbidden("Requests from other origins are refused.")


def is_configured(handler: JupyterHandler, origin: str) -> bool:
    """Tell whether the server's configuration names ``origin``; a bare ``*`` names nobody."""
    if handler.allow_origin:
        return handler.allow_origin != "*" and handler.allow_origin == origin
    pattern = handler.allow_origin_pat
    return bool(pattern and origin != "null" and origin_matches_pat(pattern, origin))


def _is_ours(origin: str, host: str) -> bool:
    parts = urlsplit(origin.lower())
    # Behind a proxy that ends TLS the scheme differs, so only the place is compared.
    return origin.lower() == f"{parts.scheme}://{host.lower()}" and parts.scheme in (
        "http",
        "https",
    )
