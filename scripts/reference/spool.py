"""The spool protocol: the framing and every kind of record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from jupyter_mlops.domain import spool
from scripts.reference.markdown import prose, table
from scripts.reference.structs import fields, reachable, section


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Spool protocol\n"
    yield "Whatever a kernel, script or worker reports goes through the spool of its run: files in"
    yield "`runs/<run_id>/spool/` of the home, one for each writing process. A program in any language may"
    yield "write one. The server takes each record in exactly once.\n"
    yield from prose(spool.__doc__)
    yield from table(
        ("what", "value"),
        (
            ("name of a writer, before `.spool`", f"`{spool.WRITER_NAME.pattern}`"),
            ("longest record", f"{spool.RECORD_MAX_BYTES} bytes"),
        ),
    )
    yield "The first record of a run that no server ordered is `run.open`, the last one `run.close`.\n"
    yield "## Records\n"
    for kind in get_args(spool.Record):
        yield f"### {kind.__struct_config__.tag}\n"
        yield from prose(kind.__doc__)
        yield from fields(kind)
    yield "## Types\n"
    records = get_args(spool.Record)
    for kind in reachable(records):
        if kind not in records:
            yield from section(kind)
