"""Queries of environments; a list of packages is stored once, however many runs share it."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import Connection, select

from jupyter_mlops.domain.environments import Environment
from jupyter_mlops.store import dialects
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import environments, package_lists


def put(connection: Connection, run_id: str, environment: Environment) -> None:
    """Record where a run runs; the last report stands. The digest of the packages is made here."""
    packages = sorted(
        ([item.name, item.version] for item in environment.packages),
        key=lambda pair: (pair[0].casefold(), pair[0], pair[1]),
    )
    digest = "sha256:" + hashlib.sha256(msgspec.json.encode(packages)).hexdigest()
    connection.execute(
        dialects.insert(connection, package_lists)
        .values(digest=digest, packages=packages)
        .on_conflict_do_nothing(index_elements=["digest"])
    )
    rest = msgspec.to_builtins(
        msgspec.structs.replace(environment, packages=[], packages_digest=digest)
    )
    values = {"environment": rest, "packages_digest": digest}
    connection.execute(
        dialects.insert(connection, environments)
        .values(run=seq_of(connection, run_id), **values)
        .on_conflict_do_update(index_elements=["run"], set_=values)
    )


def get(connection: Connection, run_id: str) -> Environment | None:
    """Return the recorded environment of a run, or None before it was captured."""
    row = connection.execute(
        select(environments.c.environment, package_lists.c.packages)
        .join(package_lists, package_lists.c.digest == environments.c.packages_digest)
        .where(environments.c.run == seq_of(connection, run_id))
    ).one_or_none()
    if row is None:
        return None
    packages = [{"name": name, "version": version} for name, version in row.packages]
    return msgspec.convert({**row.environment, "packages": packages}, Environment)
