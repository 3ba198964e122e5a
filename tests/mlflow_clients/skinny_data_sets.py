"""With the small MLflow 2 client: what it knows of data sets, and no more."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag

client = MlflowClient()
experiment = mlflow.set_experiment("small client").experiment_id
with mlflow.start_run() as run:
    dataset = Dataset("numbers", "1a2b", "local", '{"uri": "/data/n.csv"}', '{"n": 1}', None)
    client.log_inputs(
        run.info.run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]
    )
    mlflow.log_metric("loss", 0.5)
found = client.get_run(run.info.run_id)
(logged,) = found.inputs.dataset_inputs
assert dict(logged.dataset) == dict(dataset), dict(logged.dataset)
assert [(tag.key, tag.value) for tag in logged.tags] == [("mlflow.data.context", "training")]
assert found.data.metrics == {"loss": 0.5}
(searched,) = client.search_runs([experiment], "datasets.name = 'numbers'")
assert searched.info.run_id == run.info.run_id
