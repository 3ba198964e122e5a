"""Searches of the registry find what MLflow's do, in its order, page by page."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.search_nouns import MODEL_VERSIONS, REGISTERED_MODELS
from jupyter_mlops.store import model_versions, registered_models
from tests.integration.registry.conftest import Registry, search

PROMPT = "mlflow.prompt.is_prompt"


@pytest.fixture(autouse=True)
def models(registry: Registry) -> None:
    """Make wine with three versions, Beer with one, cider deleted, and a prompt."""
    registry.model("wine", colour="red", year="1999")
    registry.model("Beer", colour="Gold")
    registry.model("cider", colour="red")
    registry.model("greeting", **{PROMPT: "true"})
    registry.version("wine", tags={"k": "v"})
    registry.version("wine", f"runs:/{registry.new_run()}/other.txt", tags={"k": "w"})
    registry.version("wine")
    registry.version("Beer", "models:/wine/1")
    registry.version("cider")
    registry.models.trash(registry.actor, "cider")
    registry.version("wine")
    registry.versions.trash(registry.actor, "wine", 4)
    with registry.database.write() as connection:
        # Times of which the order is known.
        for name, now in (("wine", 20), ("Beer", 30), ("greeting", 10)):
            model = registered_models.find(connection, name)
            registered_models.describe(connection, model, "", now)
        for name, number, now in (("wine", 1, 7), ("wine", 2, 9), ("wine", 3, 7), ("Beer", 1, 8)):
            version = model_versions.find(
                connection, registered_models.find(connection, name), number
            )
            model_versions.describe(connection, version, "", now)


def found_models(registry: Registry, text: str = "", *order: str) -> list[str]:
    page = registry.models.search(registry.actor, search(REGISTERED_MODELS, text, *order))
    return [each.name for each in page.models]


def found_versions(registry: Registry, text: str = "", *order: str) -> list[str]:
    order = order or ("last_updated_timestamp DESC",)
    page = registry.versions.search(registry.actor, search(MODEL_VERSIONS, text, *order))
    return [f"{each.name}/{each.version}" for each in page.versions]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Beer", "wine"]),
        ("name = 'wine'", ["wine"]),
        ("name = 'WINE'", []),
        ("name != 'wine'", ["Beer"]),
        ("name LIKE '%e%'", ["Beer", "wine"]),
        ("name LIKE 'b%'", []),
        ("name ILIKE 'b%'", ["Beer"]),
        ("name IN ('wine', 'cider')", ["wine"]),
        ("tags.colour = 'red'", ["wine"]),
        ("tag.colour != 'red'", ["Beer"]),
        ("tags.colour ILIKE 'g%'", ["Beer"]),
        ("tags.year LIKE '19__'", ["wine"]),
        ("tags.colour = 'red' AND tags.year = '2000'", []),
        ("tags.absent != 'x'", []),
        (f"tag.`{PROMPT}` != 'true'", ["Beer", "wine"]),
        (f"name = 'wine' AND tag.`{PROMPT}` != 'true'", ["wine"]),
        (f"tag.`{PROMPT}` = 'false'", ["Beer", "wine"]),
        (f"tag.`{PROMPT}` = 'true'", ["greeting"]),
        (f"tag.`{PROMPT}` = 'true' AND name = 'wine'", []),
        (f"name = 'greeting' AND tag.`{PROMPT}` != 'false'", ["greeting"]),
        ("name = 'greeting'", []),
    ],
)
def test_registered_models_are_found_by_name_and_tags(
    registry: Registry, text: str, names: list[str]
) -> None:
    assert found_models(registry, text) == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (["name DESC"], ["wine", "Beer"]),
        (["last_updated_timestamp"], ["wine", "Beer"]),
        (["last_updated_timestamp DESC"], ["Beer", "wine"]),
        (["timestamp DESC", "name"], ["Beer", "wine"]),
    ],
)
def test_registered_models_come_in_the_order_asked_for(
    registry: Registry, order: list[str], names: list[str]
) -> None:
    assert found_models(registry, "", *order) == names


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("", ["wine/2", "Beer/1", "wine/3", "wine/1"]),
        ("name = 'wine'", ["wine/2", "wine/3", "wine/1"]),
        ("name IN ('Beer', 'cider')", ["Beer/1"]),
        ("version_number > 1", ["wine/2", "wine/3"]),
        ("version_number = '3'", ["wine/3"]),
        ("name = 'wine' AND version_number <= 1", ["wine/1"]),
        ("source_path LIKE 'models:%'", ["Beer/1"]),
        ("source_path = 'models:/wine/1'", ["Beer/1"]),
        ("tags.k = 'v'", ["wine/1"]),
        ("tags.k != 'v'", ["wine/2"]),
    ],
)
def test_versions_are_found_by_model_number_source_and_tags(
    registry: Registry, text: str, versions: list[str]
) -> None:
    assert found_versions(registry, text) == versions


def test_versions_are_found_by_the_run_that_made_them(registry: Registry) -> None:
    assert found_versions(registry, f"run_id = '{registry.run_id}'") == [
        "Beer/1",
        "wine/3",
        "wine/1",
    ]
    assert found_versions(registry, f"run_id NOT IN ('{registry.run_id}')") == ["wine/2"]


@pytest.mark.parametrize(
    ("order", "versions"),
    [
        (["name DESC", "version_number ASC"], ["wine/1", "wine/2", "wine/3", "Beer/1"]),
        (["version_number DESC"], ["wine/3", "wine/2", "Beer/1", "wine/1"]),
        (["last_updated_timestamp"], ["wine/3", "wine/1", "Beer/1", "wine/2"]),
        (["creation_timestamp DESC", "name"], None),
    ],
)
def test_versions_come_in_the_order_asked_for(
    registry: Registry, order: list[str], versions: list[str] | None
) -> None:
    found = found_versions(registry, "", *order)
    assert sorted(found) == ["Beer/1", "wine/1", "wine/2", "wine/3"]
    assert versions is None or found == versions


def test_pages_hold_each_version_once(registry: Registry) -> None:
    seen: list[int] = []
    for start in range(4):
        page = registry.versions.search(
            registry.actor, search(MODEL_VERSIONS, "", "version_number", start=start, limit=1)
        )
        assert page.more == (start < 3)
        seen += [each.version for each in page.versions]
    assert seen == [1, 1, 2, 3]
    models = registry.models.search(registry.actor, search(REGISTERED_MODELS, "", limit=1))
    assert ([each.name for each in models.models], models.more) == (["Beer"], True)


def test_a_page_shows_tags_aliases_and_the_newest_of_each_stage(registry: Registry) -> None:
    registry.aliases.move(registry.actor, "wine", "champion", 1)
    registry.versions.set_stage(registry.actor, "wine", 1, "Production", archive_others=False)
    page = registry.models.search(registry.actor, search(REGISTERED_MODELS, "name = 'wine'"))
    assert page.models == [registry.models.get(registry.actor, "wine")]
    assert [each.version for each in page.models[0].latest_versions] == [1, 3]
    assert [tag.key for tag in page.models[0].tags] == ["colour", "year"]
    versions = registry.versions.search(registry.actor, search(MODEL_VERSIONS, "tags.k = 'v'"))
    assert versions.versions == [registry.versions.get(registry.actor, "wine", 1)]
