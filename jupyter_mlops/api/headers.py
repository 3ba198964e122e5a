"""The request headers that carry meaning for an operation, parsed: versions and request keys."""

from __future__ import annotations

import re

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.request_keys import KEY_MAX_CHARS, KEY_PATTERN

JSON_TYPE = "application/json"

VERSION_PATTERN = '"[0-9]{1,18}"'

_VERSION = re.compile(VERSION_PATTERN)
_KEY = re.compile(KEY_PATTERN)
_JSON = re.compile(r'application/json\s{0,4}(;\s{0,4}charset="?utf-8"?)?', re.IGNORECASE)


def etag(version: int) -> str:
    """Return the entity tag of a version of an object."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """Return the version that ``If-Match`` names; null when absent or ``*``."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise InvalidRequest('If-Match must hold the ETag that an earlier answer gave, as "7".')
    return int(found[0].strip('"'))


def idempotency_key(value: str | None) -> str | None:
    """Return the checked ``Idempotency-Key``, null when absent."""
    if value is None:
        return None
    if _KEY.fullmatch(value) is None:
        raise InvalidRequest(
            f"An Idempotency-Key has 1 to {KEY_MAX_CHARS} letters, digits or any of _ . : -"
        )
    return value


def is_json(content_type: str | None) -> bool:
    """Tell whether a content type is JSON in UTF-8."""
    return content_type is not None and _JSON.fullmatch(content_type.strip()) is not None
