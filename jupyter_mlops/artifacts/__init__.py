"""Content-addressed bytes on local disk. Knows nothing of runs."""
