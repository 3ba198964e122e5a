"""A schema after the present one, so that upgrades can be tested before there is one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_mlops.store import embedded, postgresql, schema
from jupyter_mlops.store.migrations import upgrade
from jupyter_mlops.store.tables import VERSION

NEXT = VERSION + 1

# It does what real revisions do: a new table, a new column, a column made anew, rows rewritten.
_REVISION = f'''
import sqlalchemy as sa
from alembic import op
from jupyter_mlops.store.column_types import Whole, Words

revision = "{NEXT:04d}"
down_revision = "{VERSION:04d}"


def upgrade():
    op.create_table(
        "colours",
        sa.Column("id", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_colours"),
        sqlite_strict=True,
    )
    op.add_column("runs", sa.Column("colour", Words, nullable=True))
    op.execute("UPDATE runs SET colour = 'red'")
    with op.batch_alter_table("leases") as leases:
        leases.alter_column("owner", nullable=True)
    op.execute("INSERT INTO colours (id, name) SELECT seq, name FROM runs")
    op.create_index("ix_runs_colour", "runs", ["colour"])
'''  # noqa: S608


@dataclass(frozen=True)
class NextVersion:
    """The program as it will be one version from now; ``scripts`` is the folder of its revisions."""

    scripts: Path

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Be the newer program inside the block."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(upgrade, "SCRIPTS", self.scripts)
            for module in (schema, embedded, postgresql):
                patch.setattr(module, "VERSION", NEXT)
            yield

    def replace_revision(self, body: str) -> None:
        """Let the newest revision do something else."""
        head = "".join(_REVISION.partition("def upgrade():")[:2])
        self._path.write_text(f"{head}\n    {body}\n")

    @property
    def _path(self) -> Path:
        return self.scripts / "versions" / f"v{NEXT:04d}_next.py"


@pytest.fixture
def next_version(tmp_path: Path) -> NextVersion:
    """Write a revision that is to come."""
    scripts = tmp_path / "migrations"
    shutil.copytree(upgrade.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    made = NextVersion(scripts)
    made._path.write_text(_REVISION)
    return made
