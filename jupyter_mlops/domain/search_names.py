"""A name in a search text becomes the entity and key that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.search_terms import Entity
from jupyter_mlops.domain.search_tokens import unquoted


@dataclass(frozen=True)
class Name:
    """What a name stands for; ``plain`` when its key came without quotes."""

    entity: Entity
    key: str
    plain: bool


def read_name(
    parts: tuple[str, ...], prefixes: Mapping[str, Entity], *, quoted_prefixes: bool
) -> Name:
    """Return what the ``parts`` between the dots of a name stand for; InvalidRequest if nothing.

    ``quoted_prefixes``: the prefix may stand in backticks.
    """
    entity: Entity = "attribute"
    written = parts[0]
    if len(parts) > 1 or "." in written:
        prefix = unquoted(written, "`") if quoted_prefixes else written
        if prefix not in prefixes:
            known = ", ".join(dict.fromkeys(prefixes))
            raise InvalidRequest(f"Invalid entity type. Valid values are {known}.")
        entity = prefixes[prefix]
        if len(parts) > 2 and any(part[:1] in {'"', "'", "`"} for part in parts[1:]):
            raise InvalidRequest(
                "Invalid identifier. Put the whole key in backticks, not a part of it."
            )
        written = ".".join(parts[1:])
    key = unquoted(unquoted(written, "'\""), "`")
    if not key:
        raise InvalidRequest("Invalid identifier. A key is missing, as in metrics.loss.")
    return Name(entity, key, plain=key == written)


def check_key(name: Name, known: Mapping[str, object], *, quoted: bool) -> None:
    """Raise InvalidRequest unless the key is a ``known`` one; ``quoted``: it may be in quotes."""
    if name.key not in known or not (quoted or name.plain):
        raise InvalidRequest(
            f"Invalid {name.entity} key specified. Valid keys are {', '.join(known)}."
        )
