"""A setting that cannot be meant is refused when it is set, and says what is wrong."""

from __future__ import annotations

import pytest
from traitlets import TraitError
from traitlets.config import Config

from jupyter_mlops.server.extension import MLOpsApp


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("home", "relative/folder"),
        ("database_url", "mysql://localhost/runs"),
        ("database_url", "sqlite:///runs.db"),
        ("environment_mode", "sometimes"),
        ("environment_allowed", 3),
        ("concurrency", 0),
        ("concurrency", 100_000),
        ("start_timeout", 0),
        ("memory_limit", -1),
        ("memory_limit", 1_000),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(name: str, value: object) -> None:
    with pytest.raises(TraitError, match=name):
        MLOpsApp(config=Config({"MLOpsApp": {name: value}}))


@pytest.mark.parametrize("prefix", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_database_is_named_in_each_spelling_of_its_kind(prefix: str) -> None:
    url = f"{prefix}://host/runs"
    assert MLOpsApp(config=Config({"MLOpsApp": {"database_url": url}})).database_url == url


def test_every_setting_has_a_default_and_a_help_text() -> None:
    app = MLOpsApp()
    for name, trait in MLOpsApp.class_own_traits(config=True).items():
        assert getattr(app, name) is not None
        assert len(trait.help) > 20, name
