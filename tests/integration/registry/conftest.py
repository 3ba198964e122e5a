"""A store with a run that has files, and the services of the registry over it, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlops.domain.actors import Actor, owner
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.model_search import ModelSearch, model_search
from jupyter_mlops.domain.model_sources import model_source
from jupyter_mlops.domain.model_versions import ModelVersion, NewModelVersion
from jupyter_mlops.domain.registered_models import NewRegisteredModel
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import Noun
from jupyter_mlops.domain.search_order import parse_order
from jupyter_mlops.services.model_aliases import ModelAliasService
from jupyter_mlops.services.model_versions import ModelVersionService
from jupyter_mlops.services.registered_models import RegisteredModelService
from jupyter_mlops.store import artifacts, events, logged_model_artifacts, logged_models
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.run_keys import place_of
from tests.integration.store.conftest import insert_run

FILES = ("model/MLmodel", "model/data/weights.bin", "other.txt")
LOGGED = "m-" + "1" * 32


def stored_file(path: str, digit: str = "a") -> Artifact:
    return Artifact(
        path=path,
        digest=f"sha256:{digit * 64}",
        size=1,
        media_type="application/octet-stream",
        preview="none",
        created_at=1,
    )


class Registry:
    """The services as one actor uses them, with a run that has files."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.models = RegisteredModelService(database)
        self.versions = ModelVersionService(database)
        self.aliases = ModelAliasService(database)
        self.actor: Actor = owner("olive")
        self.run_id = self.new_run()

    def new_run(self) -> str:
        with self.database.write() as connection:
            run_id = insert_run(connection)
            for path in FILES:
                artifacts.put(connection, run_id, stored_file(path))
        return run_id

    def log_model(self) -> None:
        """Let the run make the logged model LOGGED, called ``forest``."""
        with self.database.write() as connection:
            row = logged_models.NewModelRow(
                model_id=LOGGED,
                experiment=place_of(connection, self.run_id)[1],
                name="forest",
                model_type=None,
                source_run_id=self.run_id,
                user="olive",
                created_at=1,
            )
            logged_models.insert(connection, row)
            logged_model_artifacts.put(connection, LOGGED, stored_file("MLmodel"))

    def model(self, name: str = "wine", **tags: str) -> None:
        self.models.create(self.actor, NewRegisteredModel(name=name, tags=tags))

    def version(
        self, name: str = "wine", address: str | None = None, **fields: Any
    ) -> ModelVersion:
        """Register what is at an address, by default the folder ``model`` of the run."""
        address = address or f"runs:/{self.run_id}/model"
        new = NewModelVersion(name=name, source=model_source(address), address=address)
        return self.versions.create(self.actor, replace(new, **fields))

    def told(self) -> list[tuple[str, str]]:
        """Return type and subject of every event so far."""
        with self.database.read() as connection:
            page = events.after(connection, 0, 1_000)
        return [(event.type.value, event.subject) for event in page.events]


def search(
    noun: Noun, text: str = "", *order: str, start: int = 0, limit: int = 100
) -> ModelSearch:
    return model_search(parse_filter(text, noun), parse_order(order, noun), start, limit)


@pytest.fixture
def registry(database: Database) -> Registry:
    return Registry(database)
