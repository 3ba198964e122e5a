"""Experiments, runs and models carried from one MLflow store to another, over MLflow's protocol."""
