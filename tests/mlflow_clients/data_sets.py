"""With the full MLflow client: data sets of runs, and metrics of models on data sets."""

import mlflow
import mlflow.data
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import LoggedModelInput, LoggedModelOutput

client = MlflowClient()
experiment = mlflow.set_experiment("data sets").experiment_id
frame = pd.DataFrame({"a": [1, 2, 3], "y": [0.5, 1.5, 2.5]})
train = mlflow.data.from_pandas(frame, source="s3://bucket/train.csv", name="train", targets="y")
test = mlflow.data.from_pandas(frame.head(2), source="/data/test.csv", name="test", targets="y")

model = mlflow.create_external_model(name="judged")
with mlflow.start_run() as run:
    mlflow.log_input(train, context="training", tags={"rows": "3"})
    mlflow.log_input(test, context="testing")
    mlflow.log_input(train, context="again")
    mlflow.log_metric("rmse", 0.25, model_id=model.model_id, dataset=train)
    mlflow.log_metrics({"rmse": 0.5, "mae": 0.125}, step=1, model_id=model.model_id, dataset=test)
run_id = run.info.run_id
client.log_inputs(run_id, models=[LoggedModelInput(model.model_id)])
client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 7)])

found = client.get_run(run_id)
inputs = {each.dataset.name: each for each in found.inputs.dataset_inputs}
assert set(inputs) == {"train", "test"}
known = inputs["train"].dataset
assert known.digest == train.digest
assert known.source_type == "s3"
assert known.source == train.source.to_json()
assert known.schema == train.to_dict()["schema"]
assert known.profile == train.to_dict()["profile"]
assert {tag.key: tag.value for tag in inputs["train"].tags} == {
    "mlflow.data.context": "training",
    "rows": "3",
}
assert mlflow.data.get_source(known).to_json() == train.source.to_json()
assert [each.model_id for each in found.inputs.model_inputs] == [model.model_id]
assert [(each.model_id, each.step) for each in found.outputs.model_outputs] == [(model.model_id, 7)]

assert found.data.metrics == {"rmse": 0.5, "mae": 0.125}
metrics = {
    (each.key, each.value, each.step, each.dataset_name, each.dataset_digest)
    for each in client.get_logged_model(model.model_id).metrics
}
assert metrics == {
    ("rmse", 0.25, 0, "train", train.digest),
    ("rmse", 0.5, 1, "test", test.digest),
    ("mae", 0.125, 1, "test", test.digest),
}
for name, count in (("train", 1), ("test", 0)):
    models = client.search_logged_models(
        [experiment],
        filter_string="metrics.rmse < 0.4",
        datasets=[{"dataset_name": name, "dataset_digest": inputs[name].dataset.digest}],
    )
    assert len(models) == count, name

for condition, count in (
    ("dataset.name = 'train'", 1),
    ("dataset.name LIKE 't%' AND dataset.context = 'testing'", 1),
    (f"dataset.digest = '{test.digest}'", 1),
    ("dataset.context = 'nothing'", 0),
):
    assert len(client.search_runs([experiment], condition)) == count, condition
(searched,) = client.search_runs([experiment], "dataset.name = 'train'")
assert {each.dataset.name for each in searched.inputs.dataset_inputs} == {"train", "test"}
