"""The page to which the links lead that MLflow's clients print: `…/mlops/#/experiments/1/runs/<id>`.

A server never sees what stands behind the `#`. The page holds a script that maps it to an address
of JupyterLab on this server; it has no data in it and goes nowhere else (security row S33).
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from jupyter_mlops.api.mlflow import PREFIX

_SCRIPT = r"""
const [, experiment, run] =
  /^#\/experiments\/(\d{1,15})(?:\/runs\/([0-9a-f]{32}))?(?![\w-])/.exec(location.hash) ?? [];
location.replace(
  document.getElementById('lab').href +
    (run ? `?mlops-run=${run}` : experiment ? `?mlops-experiment=${experiment}` : '?mlops-panel')
);
"""
_STYLE = "body { font: 16px/1.5 system-ui, sans-serif; margin: 3em; color-scheme: light dark; }"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>MLOps</title><style>{style}</style></head>
<body>
<p><a id="lab" href="{lab}">Open in JupyterLab</a></p>
<script>{script}</script>
</body>
</html>
"""


def _source(content: str) -> str:
    """Return what allows this very script or style in a policy."""
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


class LinkPage(JupyterHandler):
    """Answers who is signed in with the page, and others with Jupyter's login."""

    @property
    def content_security_policy(self) -> str:
        """Allow the page its own script and style, and nothing else."""
        return (
            f"default-src 'none'; script-src {_source(_SCRIPT)}; style-src {_source(_STYLE)}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a token in the URL, as every address of ours does (security row S4)."""
        if "token" in self.request.query_arguments:
            raise web.HTTPError(400, "Sign in first; a token in the URL is not taken here.")
        await super().prepare()

    @web.authenticated
    async def get(self) -> None:
        """Send the page to who may see what it leads to."""
        may_see = self.authorizer.is_authorized(self, self.current_user, "read", "mlops:runs")
        if not await ensure_async(may_see):
            raise web.HTTPError(403)
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        lab = escape(url_path_join(self.base_url, "lab"))
        self.finish(_PAGE.format(style=_STYLE, script=_SCRIPT, lab=lab))

    head = get


def address() -> tuple[str, type[LinkPage], dict[str, Any]]:
    """Return where the page is: at the address that clients take for the tracking server's."""
    return (rf"/{PREFIX}/?", LinkPage, {})
