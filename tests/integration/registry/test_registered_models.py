"""Registered models: one name, one model, whatever its case; each change with its event."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import (
    Conflict,
    Forbidden,
    InvalidName,
    InvalidRequest,
    NotFound,
    TooLarge,
)
from jupyter_mlops.domain.registered_models import TAG_MAX_CHARS, NewRegisteredModel
from jupyter_mlops.services import registered_models as service
from tests.integration.registry.conftest import Registry

READER = Actor(user="vera", display_name="Vera", scopes=frozenset({"mlops:models:read"}))


@pytest.mark.parametrize("other", ["WINE", "wine", "\uff37\uff49\uff4e\uff45"])
def test_names_that_look_alike_are_one(registry: Registry, other: str) -> None:
    registry.model("Wine")
    with pytest.raises(Conflict):
        registry.model(other)
    assert registry.models.get(registry.actor, other).name == "Wine"


def test_a_deleted_name_can_be_used_again_and_counts_from_one(registry: Registry) -> None:
    registry.model()
    registry.version()
    registry.aliases.move(registry.actor, "wine", "champion", 1)
    registry.models.trash(registry.actor, "wine")
    with pytest.raises(NotFound):
        registry.models.get(registry.actor, "wine")
    with pytest.raises(NotFound):
        registry.versions.get(registry.actor, "wine", 1)
    registry.model("WINE")
    made = registry.models.get(registry.actor, "wine")
    assert (made.name, made.aliases, made.latest_versions) == ("WINE", [], [])
    assert registry.version().version == 1


def test_a_model_is_renamed_with_its_versions_and_aliases(registry: Registry) -> None:
    registry.model()
    registry.model("beer")
    registry.version()
    registry.aliases.move(registry.actor, "wine", "champion", 1)
    with pytest.raises(Conflict):
        registry.models.rename(registry.actor, "wine", "Beer")
    with pytest.raises(InvalidName):
        registry.models.rename(registry.actor, "wine", "a/b")
    # Another case of its own name is not taken.
    assert registry.models.rename(registry.actor, "wine", "Wine").name == "Wine"
    renamed = registry.models.rename(registry.actor, "wine", "red")
    assert [(each.name, each.version) for each in renamed.latest_versions] == [("red", 1)]
    found = registry.aliases.follow(registry.actor, "red", "champion")
    assert found is not None
    assert found.name == "red"
    with pytest.raises(NotFound):
        registry.models.get(registry.actor, "wine")
    registry.model("wine")


def test_tags_and_description_change_and_the_last_value_stands(registry: Registry) -> None:
    registry.model("wine", a="1")
    registry.models.set_tag(registry.actor, "wine", "a", "2")
    registry.models.set_tag(registry.actor, "wine", "b", "")
    registry.models.remove_tag(registry.actor, "wine", "absent")
    registry.models.describe(registry.actor, "wine", "dry")
    found = registry.models.get(registry.actor, "wine")
    assert {tag.key: tag.value for tag in found.tags} == {"a": "2", "b": ""}
    assert (found.description, found.user) == ("dry", "olive")
    registry.models.remove_tag(registry.actor, "wine", "a")
    assert [tag.key for tag in registry.models.get(registry.actor, "wine").tags] == ["b"]


def test_what_is_one_over_a_limit_is_refused(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.model()
    longest = "v" * TAG_MAX_CHARS
    registry.models.set_tag(registry.actor, "wine", "k" * 250, longest)
    with pytest.raises(InvalidRequest):
        registry.models.set_tag(registry.actor, "wine", "k", longest + "v")
    with pytest.raises(InvalidName):
        registry.models.set_tag(registry.actor, "wine", "k" * 251, "v")
    with pytest.raises(InvalidRequest):
        registry.models.describe(registry.actor, "wine", "d" * 100_001)
    monkeypatch.setattr(service, "TAGS_MAX", 2)
    registry.models.set_tag(registry.actor, "wine", "second", "v")
    with pytest.raises(TooLarge):
        registry.models.set_tag(registry.actor, "wine", "third", "v")
    registry.models.set_tag(registry.actor, "wine", "second", "w")


def test_each_change_of_a_model_has_its_event(registry: Registry) -> None:
    registry.model()
    registry.models.describe(registry.actor, "wine", "dry")
    registry.models.set_tag(registry.actor, "wine", "k", "v")
    registry.models.remove_tag(registry.actor, "wine", "absent")
    registry.models.rename(registry.actor, "wine", "red")
    with pytest.raises(NotFound):
        registry.models.trash(registry.actor, "wine")
    registry.models.trash(registry.actor, "red")
    kinds = [kind for kind, subject in registry.told() if subject == "1"]
    assert kinds == [
        "registered_model.created",
        *["registered_model.changed"] * 3,
        "registered_model.deleted",
    ]


def test_who_may_only_read_changes_nothing(registry: Registry) -> None:
    registry.model()
    before = registry.told()
    assert registry.models.get(READER, "wine").name == "wine"
    for change in (
        lambda: registry.models.create(READER, NewRegisteredModel(name="x")),
        lambda: registry.models.describe(READER, "wine", "x"),
        lambda: registry.models.rename(READER, "wine", "x"),
        lambda: registry.models.set_tag(READER, "wine", "k", "v"),
        lambda: registry.models.remove_tag(READER, "wine", "k"),
        lambda: registry.models.trash(READER, "wine"),
        lambda: registry.aliases.move(READER, "wine", "a", 1),
        lambda: registry.aliases.remove(READER, "wine", "a"),
    ):
        with pytest.raises(Forbidden):
            change()
    assert registry.told() == before
