"""With the full MLflow client: a logged model is evaluated, and what is found is kept with it."""

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import evaluate
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
mlflow.set_experiment("evaluated")
frame = load_iris(as_frame=True).frame
features = frame.drop(columns="target")
with mlflow.start_run():
    logged = mlflow.sklearn.log_model(
        LogisticRegression(max_iter=200).fit(features, frame["target"]),
        name="model",
        input_example=features.head(2),
    )
with mlflow.start_run() as run:
    dataset = mlflow.data.from_pandas(frame, name="iris", targets="target")
    result = evaluate(
        f"models:/{logged.model_id}",
        dataset,
        model_type="classifier",
        evaluator_config={"log_explainer": False, "log_model_explainability": False},
    )
assert result.metrics["accuracy_score"] > 0.9
found = client.get_run(run.info.run_id)
assert found.data.metrics["accuracy_score"] == result.metrics["accuracy_score"]
assert [each.model_id for each in found.inputs.model_inputs] == [logged.model_id]
assert [each.dataset.name for each in found.inputs.dataset_inputs] == ["iris"]
metrics = {each.key: each for each in client.get_logged_model(logged.model_id).metrics}
assert metrics["accuracy_score"].value == result.metrics["accuracy_score"]
assert metrics["accuracy_score"].run_id == run.info.run_id
assert metrics["accuracy_score"].dataset_name == "iris"
assert {file.path for file in client.list_artifacts(run.info.run_id)} >= {
    "confusion_matrix.png",
    "per_class_metrics.csv",
}
assert isinstance(result.tables.get("eval_results_table", pd.DataFrame()), pd.DataFrame)
