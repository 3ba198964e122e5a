"""Figures of the product beside those of its peers, taken in one run: `make bench`."""
