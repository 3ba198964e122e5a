"""With any client of MLflow 2 or 3: the registry, from a folder of a run to an alias and back."""

import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from requests import HTTPError

client = MlflowClient()
NAME = f"wine {mlflow.__version__}"


def refusal(call, *arguments):
    """Return the code with which a call is refused."""
    try:
        call(*arguments)
    except MlflowException as error:
        return error.error_code
    raise AssertionError(f"{call.__name__} was accepted")


def numbers(versions):
    """Return the numbers of versions in their order; newer clients have them as text."""
    return [int(each.version) for each in versions]


folder = Path(tempfile.mkdtemp())
(folder / "MLmodel").write_text("flavors: {}\n")
(folder / "weights.bin").write_bytes(b"w" * 1_000)
mlflow.set_experiment("registry")
with mlflow.start_run() as run:
    mlflow.log_artifacts(str(folder), "model")
    first = mlflow.register_model(f"runs:/{run.info.run_id}/model", NAME, tags={"stage": "new"})
    # The run is still on, but what is registered stays as it is.
    (folder / "weights.bin").write_bytes(b"changed")
    try:
        mlflow.log_artifact(str(folder / "weights.bin"), "model")
        status = 200
    except HTTPError as error:
        status = error.response.status_code
assert status == 400
second = mlflow.register_model(f"runs:/{run.info.run_id}/model", NAME)
assert numbers([first, second]) == [1, 2]
assert (first.run_id, first.status, first.tags) == (run.info.run_id, "READY", {"stage": "new"})

client.set_registered_model_alias(NAME, "champion", "1")
client.set_registered_model_alias(NAME, "challenger", "2")
client.set_registered_model_alias(NAME, "champion", "2")
client.set_registered_model_alias(NAME, "champion", "1")
assert numbers([client.get_model_version_by_alias(NAME, "champion")]) == [1]
assert client.get_model_version(NAME, "1").aliases == ["champion"]
assert refusal(client.get_model_version_by_alias, NAME, "nobody") == "INVALID_PARAMETER_VALUE"
assert refusal(client.create_registered_model, NAME) == "RESOURCE_ALREADY_EXISTS"
assert refusal(client.get_registered_model, "absent") == "RESOURCE_DOES_NOT_EXIST"

client.update_registered_model(NAME, "a description")
client.set_registered_model_tag(NAME, "colour", "red")
client.set_registered_model_tag(NAME, "year", "1999")
client.delete_registered_model_tag(NAME, "year")
found = client.get_registered_model(NAME)
assert (found.description, found.tags) == ("a description", {"colour": "red"})
assert {name: int(number) for name, number in found.aliases.items()} == {
    "champion": 1,
    "challenger": 2,
}
client.update_model_version(NAME, "1", "the first")
client.set_model_version_tag(NAME, "1", "accuracy", "0.9")
client.delete_model_version_tag(NAME, "1", "stage")
version = client.get_model_version(NAME, "1")
assert (version.description, version.tags) == ("the first", {"accuracy": "0.9"})

assert [each.name for each in client.search_registered_models("tags.colour = 'red'")] == [NAME]
assert [each.name for each in client.search_registered_models(f"name = '{NAME}'")] == [NAME]
of_model = f"name = '{NAME}'"
assert numbers(client.search_model_versions(of_model, order_by=["version_number ASC"])) == [1, 2]
assert numbers(client.search_model_versions(f"run_id = '{run.info.run_id}'")) == [1, 2]
page = client.search_model_versions(of_model, max_results=1)
rest = client.search_model_versions(of_model, max_results=1, page_token=page.token)
assert sorted(numbers([*page, *rest])) == [1, 2]
assert not rest.token

client.transition_model_version_stage(NAME, "1", "Production")
client.transition_model_version_stage(NAME, "2", "production", archive_existing_versions=True)
assert client.get_model_version(NAME, "1").current_stage == "Archived"
assert numbers(client.get_latest_versions(NAME, ["Production"])) == [2]
assert numbers(client.get_latest_versions(NAME)) == [1, 2]

for address in (f"models:/{NAME}@champion", f"models:/{NAME}/2", f"models:/{NAME}/latest"):
    got = Path(mlflow.artifacts.download_artifacts(artifact_uri=address))
    assert (got / "weights.bin").read_bytes() == b"w" * 1_000
copied = client.copy_model_version(f"models:/{NAME}@champion", f"{NAME} copy")
files = client.get_model_version_download_uri(NAME, "1")
assert client.get_model_version_download_uri(f"{NAME} copy", copied.version) == files

client.rename_registered_model(NAME, f"{NAME} renamed")
assert refusal(client.get_registered_model, NAME) == "RESOURCE_DOES_NOT_EXIST"
NAME = f"{NAME} renamed"
assert numbers([client.get_model_version_by_alias(NAME, "challenger")]) == [2]
client.delete_registered_model_alias(NAME, "champion")
client.delete_model_version(NAME, "2")
assert client.get_registered_model(NAME).aliases == {}
source = f"runs:/{run.info.run_id}/model"
assert numbers([client.create_model_version(NAME, source, run.info.run_id)]) == [3]
for address, code in (
    ("s3://bucket/model", "INVALID_PARAMETER_VALUE"),
    ("/etc/passwd", "INVALID_PARAMETER_VALUE"),
    (f"runs:/{run.info.run_id}/absent", "RESOURCE_DOES_NOT_EXIST"),
):
    assert refusal(client.create_model_version, NAME, address, run.info.run_id) == code
client.delete_registered_model(NAME)
client.create_registered_model(NAME, {"k": "v"}, "again")
assert client.get_registered_model(NAME).latest_versions == []
client.delete_registered_model(NAME)
