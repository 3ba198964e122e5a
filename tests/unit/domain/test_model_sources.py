"""An address of a model is one that this server hands out, or it is refused (security row S12)."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.file_places import InLoggedModel, InRun
from jupyter_mlops.domain.model_sources import ModelSource, OfVersion, model_source
from tests.hostile_names import hostile_names

RUN, MODEL = "0a" * 16, "m-" + "0b" * 16


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (f"runs:/{RUN}/model", InRun(RUN, "model")),
        (f"runs:/{RUN}/a/b c#1?", InRun(RUN, "a/b c#1?")),
        (f"runs:/{RUN}/model/", InRun(RUN, "model")),
        (f"runs:/{RUN}", InRun(RUN, "")),
        (f"mlflow-artifacts:/0/{RUN}/artifacts/model", InRun(RUN, "model")),
        (f"mlflow-artifacts:/12/{RUN}/artifacts", InRun(RUN, "")),
        (f"models:/{MODEL}", InLoggedModel(MODEL, "")),
        (f"mlflow-artifacts:/0/models/{MODEL}/artifacts", InLoggedModel(MODEL, "")),
        (f"mlflow-artifacts:/0/models/{MODEL}/artifacts/a", InLoggedModel(MODEL, "a")),
        ("models:/wine/3", OfVersion("wine", 3)),
        ("models:/red wine & more/12", OfVersion("red wine & more", 12)),
        (f"models:/{MODEL}/1", OfVersion(MODEL, 1)),
    ],
)
def test_an_address_that_was_handed_out_is_a_place(address: str, place: ModelSource) -> None:
    assert model_source(address) == place


@pytest.mark.parametrize(
    "address",
    [
        "",
        "dummy-source",
        "/etc/passwd",
        "file:///etc/passwd",
        "s3://bucket/model",
        "http://example.org/model",
        "//host/share",
        "dbfs:/model",
        "models:/wine",
        "models:/wine@champion",
        "models:/wine/latest",
        "models:/wine/-1",
        "models:/wine/1/2",
        "models:/m-short",
        "runs:/short/model",
        f"runs://host/{RUN}/model",
        f"runs:/{RUN.upper()}/model",
        f"runs:/{RUN}model",
        f"mlflow-artifacts://host/0/{RUN}/artifacts/model",
        f"mlflow-artifacts:///0/{RUN}/artifacts/model",
        f"mlflow-artifacts:/x/{RUN}/artifacts/model",
        f"mlflow-artifacts:/0/{RUN}/model",
        f"mlflow-artifacts:/0/../{RUN}/artifacts/model",
        f"mlflow-artifacts:/0/models/{RUN}/artifacts/model",
        f" runs:/{RUN}/model",
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidRequest):
        model_source(address)


@pytest.mark.parametrize(
    "path", ["..", "../x", "a/../b", "a//b", "./a", "a\\b", "C:/x", "a\x00b", "a\nb", "\u202ea"]
)
@pytest.mark.parametrize("root", [f"runs:/{RUN}/", f"mlflow-artifacts:/0/{RUN}/artifacts/"])
def test_a_path_never_leaves_its_place(root: str, path: str) -> None:
    with pytest.raises(InvalidRequest):
        model_source(root + path + "/x")


def test_hostile_names_are_a_logical_path_or_refused() -> None:
    for name in hostile_names():
        try:
            found = model_source(f"runs:/{RUN}/{name}")
        except InvalidRequest:
            continue
        assert isinstance(found, InRun)
        assert not {"", ".", ".."} & set(found.path.split("/")) or found.path == ""
