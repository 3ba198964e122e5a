"""Fills a store with one of each thing that MLflow keeps, for what is carried out of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)

BEGIN = 1_700_000_000_000

client = MlflowClient()
experiment = client.create_experiment("wine", tags={"team": "cellar"})

parent = client.create_run(
    experiment, run_name="parent", start_time=BEGIN, tags={"mlflow.user": "ada"}
).info.run_id
client.log_batch(
    parent,
    metrics=[Metric("loss", 1 / (i + 1), BEGIN + i, i) for i in range(120)],
    params=[Param(f"layer/{i}", str(i)) for i in range(3)],
    tags=[RunTag("mlflow.note.content", "two\nlines, ü"), RunTag("empty", "")],
)
for at, value in enumerate((float("nan"), float("inf"), float("-inf"), 1e-300)):
    client.log_metric(parent, "odd", value, timestamp=BEGIN + at, step=-3)
client.log_metric(parent, "val/acc", 0.5, timestamp=BEGIN + 5, step=7)
client.log_inputs(
    parent,
    [
        DatasetInput(
            Dataset("table", "abc", "local", '{"uri": "table.csv"}', "{}", '{"rows": 1}'),
            [InputTag("mlflow.data.context", "training")],
        ),
        DatasetInput(Dataset("plain", "abd", "local", "plain.csv"), []),
    ],
)
with tempfile.TemporaryDirectory() as made:
    folder = Path(made)
    (folder / "a b#ü.txt").write_text("hello")
    (folder / "empty").write_bytes(b"")
    (folder / "sub").mkdir()
    (folder / "sub" / "bytes.bin").write_bytes(bytes(range(256)) * 4)
    client.log_artifacts(parent, made)
    client.log_artifacts(parent, made, "model")
    client.set_terminated(parent, "FAILED", end_time=BEGIN + 100_000)

    child = client.create_run(
        experiment, run_name="child", start_time=BEGIN + 1, tags={"mlflow.parentRunId": parent}
    ).info.run_id
    model = client.create_logged_model(
        experiment,
        "forest",
        source_run_id=child,
        tags={"kind": "tree"},
        params={"depth": "3"},
        model_type="sklearn",
    ).model_id
    client.log_model_artifacts(model, made)
client.finalize_logged_model(model, "READY")
client.log_metric(child, "accuracy", 0.9, timestamp=BEGIN + 10, step=0, model_id=model)
client.log_outputs(child, [LoggedModelOutput(model, 3)])
client.set_terminated(child, end_time=BEGIN + 20)

judge = client.create_run(experiment, run_name="judge", start_time=BEGIN + 30).info.run_id
client.log_inputs(judge, models=[LoggedModelInput(model)])
client.log_metric(judge, "judged", 0.8, timestamp=BEGIN + 31, step=1, model_id=model)
client.set_terminated(judge, "KILLED", end_time=BEGIN + 40)

thrown_away = client.create_run(experiment, run_name="thrown away").info.run_id
client.delete_run(thrown_away)

client.create_registered_model("merlot", tags={"owner": "ada"}, description="a red one")
client.create_model_version(
    "merlot", f"runs:/{parent}/model", parent, tags={"checked": "yes"}, description="the first"
)
client.create_model_version("merlot", f"runs:/{parent}/model", parent)
client.create_model_version("merlot", f"models:/{model}", model_id=model)
client.delete_model_version("merlot", "2")
client.set_registered_model_alias("merlot", "champion", "3")
client.set_registered_model_alias("merlot", "old", "1")
client.transition_model_version_stage("merlot", "1", "Production")
client.copy_model_version("models:/merlot/1", "copied")
