"""Alembic's entry point: runs revisions on the connection, and in the transaction, of the caller."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
# The caller's transaction holds all revisions: after a crash there are all of them or none. SQLite
# can do that too, though Alembic by default takes it for an engine that cannot.
context.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
