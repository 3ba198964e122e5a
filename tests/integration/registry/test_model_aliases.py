"""Aliases: a name that is on one version at a time, and follows it into the trash."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import InvalidName, NotFound
from tests.integration.registry.conftest import Registry


def holder(registry: Registry, alias: str) -> int | None:
    found = registry.aliases.follow(registry.actor, "wine", alias)
    return None if found is None else found.version


@pytest.fixture(autouse=True)
def versions(registry: Registry) -> None:
    registry.model()
    for _ in range(3):
        registry.version()


def test_an_alias_is_on_the_version_it_was_moved_to_last(registry: Registry) -> None:
    registry.aliases.move(registry.actor, "wine", "champion", 2)
    registry.aliases.move(registry.actor, "wine", "champion", 1)
    registry.aliases.move(registry.actor, "wine", "other", 1)
    assert holder(registry, "champion") == 1
    assert registry.versions.get(registry.actor, "wine", 1).aliases == ["champion", "other"]
    assert registry.versions.get(registry.actor, "wine", 2).aliases == []
    shown = registry.models.get(registry.actor, "wine").aliases
    assert [(each.alias, each.version) for each in shown] == [("champion", 1), ("other", 1)]
    assert holder(registry, "absent") is None
    assert holder(registry, "latest") == holder(registry, "LATEST") == 3


def test_aliases_that_differ_by_case_are_one(registry: Registry) -> None:
    registry.aliases.move(registry.actor, "wine", "champion", 1)
    registry.aliases.move(registry.actor, "wine", "Champion", 2)
    assert holder(registry, "CHAMPION") == 2
    assert registry.versions.get(registry.actor, "wine", 1).aliases == []
    assert registry.versions.get(registry.actor, "wine", 2).aliases == ["Champion"]


def test_an_alias_goes_with_its_version_and_by_itself(registry: Registry) -> None:
    before = len(registry.told())
    registry.aliases.move(registry.actor, "wine", "champion", 2)
    registry.aliases.move(registry.actor, "wine", "second", 1)
    registry.aliases.remove(registry.actor, "wine", "second")
    registry.aliases.remove(registry.actor, "wine", "second")
    registry.versions.trash(registry.actor, "wine", 2)
    assert holder(registry, "champion") is holder(registry, "second") is None
    assert registry.told()[before:] == [
        ("alias.moved", "1/champion"),
        ("alias.moved", "1/second"),
        ("alias.removed", "1/second"),
        ("alias.removed", "1/champion"),
        ("model_version.deleted", "1/2"),
    ]


def test_an_alias_is_moved_to_a_version_that_exists_only(registry: Registry) -> None:
    registry.versions.trash(registry.actor, "wine", 2)
    before = registry.told()
    for number in (0, 2, 4):
        with pytest.raises(NotFound):
            registry.aliases.move(registry.actor, "wine", "champion", number)
    with pytest.raises(NotFound):
        registry.aliases.move(registry.actor, "beer", "champion", 1)
    with pytest.raises(InvalidName):
        registry.aliases.move(registry.actor, "wine", "v1", 1)
    assert registry.told() == before
