"""Names for what a client gave none: two words and a number."""

from __future__ import annotations

import secrets

_ADJECTIVES = "amber brisk calm deft eager fair glad keen lucid merry neat prime quiet swift warm"
_NOUNS = "birch comet delta ember falcon grove harbor island juniper lake meadow otter ridge willow"


def random_name() -> str:
    """Return a name that is likely, but not certain, to be free."""
    adjective = secrets.choice(_ADJECTIVES.split())
    return f"{adjective}-{secrets.choice(_NOUNS.split())}-{secrets.randbelow(1_000)}"
