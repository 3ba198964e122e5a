"""Tokens of kernels for requests to a test server, made by another process that shares its store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.kernel_tokens import KernelEnd
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.store.database import Database

# Whom the identity provider of the test servers knows as the owner.
USER = "olive"


@contextmanager
def kernels_of(home: Path) -> Iterator[KernelTokenService]:
    """Give what keeps the tokens of kernels in the store of a home."""
    database = Database.open(home / "store.db")
    try:
        yield KernelTokenService(database)
    finally:
        database.close()


def token_of_kernel(home: Path, kernel_id: str = "kernel", notebook: str | None = None) -> str:
    """Return a new token of a kernel."""
    with kernels_of(home) as kernels:
        return kernels.issue_for_kernel(owner(USER), kernel_id, notebook)


def token_of_ended_kernel(home: Path, kernel_id: str = "ended kernel") -> str:
    """Return a token whose kernel has ended."""
    with kernels_of(home) as kernels:
        token = kernels.issue_for_kernel(owner(USER), kernel_id, None)
        kernels.end_kernel(kernel_id, KernelEnd.SHUT_DOWN)
    return token
