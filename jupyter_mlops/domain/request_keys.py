"""A request key (``Idempotency-Key``): by it a request that is sent again gets the same answer."""

from __future__ import annotations

KEY_MAX_CHARS = 200
KEY_PATTERN = rf"[A-Za-z0-9_.:-]{{1,{KEY_MAX_CHARS}}}"
