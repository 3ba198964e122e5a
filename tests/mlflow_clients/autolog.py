"""With the full MLflow client: scikit-learn's autologging, alone and in a grid search."""

import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

client = MlflowClient()
experiment = mlflow.set_experiment("autologged").experiment_id
mlflow.sklearn.autolog(log_models=True, log_input_examples=True, silent=True)
X, Y = load_iris(return_X_y=True, as_frame=True)

fitted = LogisticRegression(max_iter=200).fit(X, Y)
(run,) = client.search_runs([experiment])
assert run.info.status == "FINISHED"
assert run.data.params["max_iter"] == "200"
assert run.data.metrics["training_accuracy_score"] > 0.9
(dataset,) = run.inputs.dataset_inputs
assert {tag.key: tag.value for tag in dataset.tags} == {"mlflow.data.context": "train"}
assert dataset.dataset.source_type == "code"
(output,) = run.outputs.model_outputs
model = client.get_logged_model(output.model_id)
assert model.source_run_id == run.info.run_id
assert model.params["max_iter"] == "200"
by_key = {metric.key: metric for metric in model.metrics}
assert by_key["training_accuracy_score"].value == run.data.metrics["training_accuracy_score"]
assert by_key["training_accuracy_score"].dataset_name == dataset.dataset.name
assert by_key["training_accuracy_score"].dataset_digest == dataset.dataset.digest
loaded = mlflow.sklearn.load_model(f"models:/{output.model_id}")
assert (loaded.predict(X) == fitted.predict(X)).all()

searched = mlflow.set_experiment("searched").experiment_id
search = GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(X, Y)
runs = client.search_runs([searched])
(parent,) = [each for each in runs if "mlflow.parentRunId" not in each.data.tags]
children = [each for each in runs if "mlflow.parentRunId" in each.data.tags]
assert {each.data.tags["mlflow.parentRunId"] for each in children} == {parent.info.run_id}
assert len(children) == 3
assert parent.data.params["best_C"] == str(search.best_params_["C"])
names = {client.get_logged_model(each.model_id).name for each in parent.outputs.model_outputs}
assert names == {"model", "best_estimator"}, names
for name in names:
    best = mlflow.sklearn.load_model(f"runs:/{parent.info.run_id}/{name}")
    assert np.array_equal(best.predict(X), search.predict(X))
assert "cv_results.csv" in {file.path for file in client.list_artifacts(parent.info.run_id)}
