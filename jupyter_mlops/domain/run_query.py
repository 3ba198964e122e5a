"""Which runs a list shows: the filters, and the place in the list."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_mlops.domain.names import PATH_MAX_CHARS, RUN_ID
from jupyter_mlops.domain.runs import RunStatus

PAGE_MAX_RUNS = 1_000


class RunQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Filters of a list of runs, all of which must hold; on the wire ``status`` and ``q``.

    ``statuses`` empty means any; ``text`` is looked for in name, notebook, parameters and tags;
    ``parent`` is the id of the run that they are parts of; ``cursor`` is the ``next_cursor`` of the page before.
    """

    experiment_id: Annotated[int, msgspec.Meta(ge=0)] | None = None
    statuses: Annotated[tuple[RunStatus, ...], msgspec.Meta(max_length=16)] = msgspec.field(
        default=(), name="status"
    )
    notebook: Annotated[str, msgspec.Meta(max_length=PATH_MAX_CHARS)] | None = None
    text: Annotated[str, msgspec.Meta(max_length=250)] | None = msgspec.field(
        default=None, name="q"
    )
    parent: Annotated[str, msgspec.Meta(pattern=f"^{RUN_ID.pattern}$")] | None = None
    deleted: bool = False
    cursor: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX_RUNS)] = 100
