"""A browser that signed in with a cookie: what it would send with each request."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost

XSRF = "2|0123abcd|0123456789abcdef0123456789abcdef|1700000000"


@dataclass(frozen=True)
class BrowserSession:
    """The cookies of a signed-in browser on a server at ``netloc``."""

    netloc: str
    cookie: str

    @property
    def own(self) -> dict[str, str]:
        """Headers of a request from our own page."""
        return {
            "Cookie": f"{self.cookie}; _xsrf={XSRF}",
            "X-XSRFToken": XSRF,
            "Origin": f"http://{self.netloc}",
            "Referer": f"http://{self.netloc}{BASE_URL}lab",
            "Sec-Fetch-Site": "same-origin",
        }

    def but(self, **changes: str | None) -> dict[str, str]:
        """Return the headers of our own page, some changed, some (None) left out."""
        named = {name.replace("_", "-"): text for name, text in changes.items()}
        return {name: text for name, text in (self.own | named).items() if text is not None}


def sign_in(host: JupyterHost) -> BrowserSession:
    """Return the session that Jupyter opens for whoever shows a token."""
    answer = host.request("GET", "api/me", token=OWNER, address=BASE_URL)
    found = re.search(r"username-[^=]+=(?:\"[^\"]*\"|[^;]*)", answer.headers["set-cookie"])
    assert found, answer.headers
    return BrowserSession(host.netloc, found[0])
