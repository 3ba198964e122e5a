"""Names of registered models and aliases: MLflow's alphabets, and no look-alike of its own words."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain import names
from jupyter_mlops.domain.errors import InvalidName


@pytest.mark.parametrize("name", ["wine", "Red wine (2)", "a@b", "é", "x" * 250, "1"])
def test_a_name_of_a_model_is_any_label_without_slash_and_colon(name: str) -> None:
    assert names.model_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a:b", ".", "..", "x" * 251, "a\nb", "a\u200bb"])
def test_a_name_that_would_be_part_of_an_address_or_hides_something_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        names.model_name(name)


@pytest.mark.parametrize("alias", ["champion", "A-b_1", "été", "v", "v1x", "latest-1", "x" * 255])
def test_an_alias_has_word_characters_and_dashes(alias: str) -> None:
    assert names.alias(alias) == alias


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "a b",
        "a.b",
        "a/b",
        "a@b",
        "x" * 256,
        "latest",
        "LATEST",
        "v1",
        "V22",
        "\uff4catest",
        "v\uff11",
    ],
)
def test_an_alias_never_looks_like_a_version(alias: str) -> None:
    with pytest.raises(InvalidName):
        names.alias(alias)
