"""Files carried: streamed from where they are to where they belong, one after the other."""

from __future__ import annotations

from functools import partial

from jupyter_mlops.transfer.destination import Destination, is_passing, takes_files
from jupyter_mlops.transfer.link import Refusal, patiently
from jupyter_mlops.transfer.records import File, Holder
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import NotReadable, Source
from jupyter_mlops.transfer.streams import OtherLength, measured


def carry_files(
    source: Source,
    destination: Destination,
    holder: Holder,
    made: Holder,
    what: str,
    report: Report,
) -> None:
    """Carry the files of a run or logged model that ``made`` does not have yet."""
    files = []
    try:
        # One by one: those that come before what cannot be read are carried.
        for file in source.files(holder):
            files.append(file)  # noqa: PERF402 (a list made at once would be lost)
    except NotReadable as error:
        report.omit(f"files of {what}", str(error))
    if not files:
        return
    if not takes_files(made):
        report.omit(
            f"files of {what}",
            "the destination keeps files where only its own clients reach them; start it with "
            "--serve-artifacts",
        )
        return
    there = {each.path: each.size for each in destination.reader.files(made)}
    for file in files:
        if file.path in there and file.size in (None, there[file.path]):
            continue
        reason = patiently(partial(_carry, source, destination, holder, made, file))
        if reason is None:
            report.carried["files"] += 1
        else:
            report.omit(f"file {file.path} of {what}", reason)


def _carry(
    source: Source, destination: Destination, holder: Holder, made: Holder, file: File
) -> str | None:
    """Carry one file; return why it is left out, if it is."""
    try:
        with source.open(holder, file) as stream:
            if file.size is not None:
                destination.store(made, file.path, stream, file.size)
                return None
            with measured(stream) as (copy, size):
                destination.store(made, file.path, copy, size)
    except NotReadable as error:
        return str(error)
    except UnicodeEncodeError:
        return "its name is not text"
    except OtherLength as error:
        return str(error)
    except Refusal as error:
        if is_passing(error):
            raise
        return error.message
    return None
