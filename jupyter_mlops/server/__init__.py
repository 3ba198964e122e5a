"""Hosts of the API: they map identity to an actor and move bytes, nothing else."""
