"""Schema changes, as Alembic revisions; Alembic is imported only when a store needs one.

To change the schema: change ``store/tables.py``, raise its VERSION, add
``versions/v<number>_<what>.py`` with ``revision`` and ``down_revision`` as four digits. The tests
then show that a migrated store equals a fresh one. Downgrades do not exist: a backup is made before.
"""
