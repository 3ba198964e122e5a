"""The public door: typed operations as data, JSON in and out, no web framework."""

PREFIX = "mlops/api"
