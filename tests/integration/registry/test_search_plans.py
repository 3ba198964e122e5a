"""Searches of the registry walk an index as far as their page, however many versions there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.domain.search_nouns import MODEL_VERSIONS, REGISTERED_MODELS
from jupyter_mlops.store import model_search, registered_models
from jupyter_mlops.store.database import Database
from tests.integration.registry.conftest import Registry, search
from tests.integration.store.test_query_plans import plans

NEWEST_FIRST = "last_updated_timestamp DESC"


@pytest.fixture
def full(home: Path) -> Iterator[Database]:
    database = Database.open(home / "store.db")
    registry = Registry(database)
    for number in range(20):
        registry.model(f"m{number}")
        registry.version(f"m{number}")
    yield database
    database.close()


@pytest.mark.parametrize(
    ("text", "order", "index"),
    [
        ("", NEWEST_FIRST, "ix_model_versions_living_updated_at"),
        ("tags.k = 'v'", NEWEST_FIRST, "ix_model_versions_living_updated_at"),
        ("", "creation_timestamp DESC", "ix_model_versions_living_created_at"),
        ("name = 'm3'", NEWEST_FIRST, "PRIMARY KEY"),
        (f"run_id = '{'0' * 32}'", NEWEST_FIRST, "ix_model_versions_run_id"),
    ],
)
def test_a_page_of_versions_begins_in_an_index(
    full: Database, text: str, order: str, index: str
) -> None:
    with full.read() as connection:
        steps = plans(
            connection,
            lambda: model_search.model_version_page(
                connection, search(MODEL_VERSIONS, text, order)
            ),
        )
    assert index in steps[0], steps
    assert [step for step in steps if step.startswith("SCAN") and index not in step] == []


@pytest.mark.parametrize(
    ("text", "order", "index"),
    [
        ("", "name", "ix_registered_models_living_name"),
        ("tags.k = 'v'", "name DESC", "ix_registered_models_living_name"),
        ("", NEWEST_FIRST, "ix_registered_models_living_updated_at"),
        ("name = 'm3'", "name", "PRIMARY KEY"),
    ],
)
def test_a_page_of_models_begins_in_an_index(
    full: Database, text: str, order: str, index: str
) -> None:
    asked = search(REGISTERED_MODELS, text, order)
    with full.read() as connection:
        steps = plans(connection, lambda: model_search.registered_model_page(connection, asked))
    assert index in steps[0], steps
    assert [step for step in steps if step.startswith("SCAN") and index not in step] == []
    assert [step for step in steps if step.startswith("SCAN model_versions")] == []


def test_a_model_is_read_without_a_scan(full: Database) -> None:
    with full.read() as connection:
        steps = plans(
            connection,
            lambda: registered_models.get(connection, registered_models.find(connection, "M3")),
        )
    assert steps
    assert [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step] == []
