"""With the full MLflow 3 client: a model is logged, registered, and loaded back by its alias."""

import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
features, labels = load_iris(return_X_y=True)
fitted = LogisticRegression(max_iter=300).fit(features, labels)
mlflow.set_experiment("registered logged models")
with mlflow.start_run() as run:
    logged = mlflow.sklearn.log_model(
        fitted, name="forest", registered_model_name="iris", input_example=features[:2]
    )
assert int(logged.registered_model_version) == 1
by_run = mlflow.register_model(f"runs:/{run.info.run_id}/forest", "iris")
by_id = mlflow.register_model(f"models:/{logged.model_id}", "iris")
plain = client.create_model_version("iris", f"runs:/{run.info.run_id}/forest", run.info.run_id)
for number, made in enumerate((by_run, by_id, plain), 2):
    assert (int(made.version), made.run_id) == (number, run.info.run_id)
    files = client.get_model_version_download_uri("iris", made.version)
    assert files.endswith(f"/models/{logged.model_id}/artifacts")
assert "iris" in client.get_logged_model(logged.model_id).tags["mlflow.modelVersions"]

client.set_registered_model_alias("iris", "champion", "1")
for address in ("models:/iris@champion", "models:/iris/2", "models:/iris/latest"):
    loaded = mlflow.pyfunc.load_model(address)
    assert (loaded.predict(features) == fitted.predict(features)).all()

# What a version is made of stays, until the version goes.
client.delete_logged_model(logged.model_id)
assert (mlflow.sklearn.load_model("models:/iris@champion").coef_ == fitted.coef_).all()
