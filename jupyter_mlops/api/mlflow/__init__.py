"""The MLflow door: MLflow's REST protocol over the same services as our own door."""

PREFIX = "mlops"
