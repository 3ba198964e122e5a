"""With the full MLflow client: models are logged, loaded by each of their names, found, deleted."""

from pathlib import Path

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature, set_signature
from sklearn.linear_model import LogisticRegression

X = np.array([[0.0], [1.0], [2.0], [3.0]])
Y = np.array([0, 0, 1, 1])

client = MlflowClient()
experiment = mlflow.set_experiment("logged models").experiment_id
fitted = LogisticRegression().fit(X, Y)

with mlflow.start_run() as run:
    mlflow.log_param("depth", 3)
    mlflow.log_metric("before", 0.25)
    logged = mlflow.sklearn.log_model(fitted, name="model", input_example=X, params={"a": 1})
    mlflow.log_metric("after", 0.75, model_id=logged.model_id)
    set_signature(logged.model_uri, infer_signature(X, Y, {"threshold": 0.5}))
run_id = run.info.run_id

# What is known of it.
model = client.get_logged_model(logged.model_id)
assert model.name == "model"
assert model.status == LoggedModelStatus.READY
assert model.source_run_id == run_id
assert model.experiment_id == experiment
assert (
    model.artifact_location == f"mlflow-artifacts:/{experiment}/models/{logged.model_id}/artifacts"
)
assert model.params == {"a": "1", "depth": "3"}, model.params
assert {(m.key, m.value, m.run_id) for m in model.metrics} == {
    ("before", 0.25, run_id),
    ("after", 0.75, run_id),
}
outputs = client.get_run(run_id).outputs.model_outputs
assert [(each.model_id, each.step) for each in outputs] == [(logged.model_id, 0)]

# It is loaded by its id, and by its name in the run.
for uri in (f"models:/{logged.model_id}", f"runs:/{run_id}/model", logged.model_uri):
    loaded = mlflow.sklearn.load_model(uri)
    assert (loaded.predict(X) == fitted.predict(X)).all(), uri
assert (mlflow.pyfunc.load_model(logged.model_uri).predict(X) == fitted.predict(X)).all()
assert mlflow.models.get_model_info(logged.model_uri).signature.params is not None

# Its files are those of the run, too.
paths = {file.path for file in client.list_artifacts(run_id, "model")}
assert "model/MLmodel" in paths, paths
assert {file.path for file in client.list_logged_model_artifacts(logged.model_id)} == {
    path.removeprefix("model/") for path in paths
}
for file in (
    Path(download_artifacts(f"runs:/{run_id}/model/MLmodel")),
    Path(download_artifacts(f"models:/{logged.model_id}")) / "MLmodel",
):
    assert logged.model_id in file.read_text(encoding="utf-8")

# Tags, and finding it by whatever is known.
client.set_logged_model_tags(logged.model_id, {"team": "north", "gone": "1"})
client.delete_logged_model_tag(logged.model_id, "gone")
tags = client.get_logged_model(logged.model_id).tags
assert tags["team"] == "north"
assert "gone" not in tags
for condition in (
    "name = 'model'",
    "name LIKE 'mod%'",
    "status = 'READY'",
    f"source_run_id = '{run_id}'",
    "tags.team = 'north' AND params.depth = '3'",
    "metrics.after > 0.5 AND metrics.before < 0.5",
):
    found = client.search_logged_models([experiment], filter_string=condition)
    assert [each.model_id for each in found] == [logged.model_id], condition
assert not client.search_logged_models([experiment], filter_string="metrics.after > 0.9")

# Pages, in the order of a metric.
others = []
for value in (0.1, 0.9, 0.5):
    other = mlflow.create_external_model(name="external", params={"value": str(value)})
    with mlflow.start_run():
        mlflow.log_metric("after", value, model_id=other.model_id)
    others.append(other.model_id)
order = [{"field_name": "metrics.after", "ascending": False}]
first = client.search_logged_models([experiment], max_results=3, order_by=order)
second = client.search_logged_models(
    [experiment], order_by=order, max_results=3, page_token=first.token
)
assert [each.model_id for each in [*first, *second]] == [
    others[1],
    logged.model_id,
    others[2],
    others[0],
]
assert second.token is None
frame = mlflow.search_logged_models([experiment], filter_string="name = 'external'")
assert set(frame["model_id"]) == set(others)

# The trash of the run hides nothing; a deleted model is gone.
client.delete_run(run_id)
assert (mlflow.sklearn.load_model(logged.model_uri).predict(X) == fitted.predict(X)).all()
client.delete_logged_model(logged.model_id)
try:
    client.get_logged_model(logged.model_id)
    answer = "it was found"
except MlflowException as error:
    answer = error.error_code
assert answer == "RESOURCE_DOES_NOT_EXIST", answer
assert not client.search_logged_models([experiment], filter_string="name = 'model'")

# An interrupted upload is told as such.
failed = mlflow.initialize_logged_model(name="broken")
client.finalize_logged_model(failed.model_id, LoggedModelStatus.FAILED)
assert client.get_logged_model(failed.model_id).status == LoggedModelStatus.FAILED
