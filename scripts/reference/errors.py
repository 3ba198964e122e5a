"""Error codes: the tree of refusals as a table."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.api import problems
from jupyter_mlops.client.errors import UNREACHABLE, ClientError
from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.runs import REASONS, Reason
from scripts.reference.markdown import code, sentence, table


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Error codes\n"
    yield f"A refusal has the content type `{problems.MEDIA_TYPE}`: see [Problem](routes.md#problem).\n"
    yield "`code` is stable; `detail` is for people and says what to do; `id` finds the refusal in"
    yield "the server's log; `field` names the input to blame.\n"
    yield from table(
        ("code", "status", "title", "when"),
        (
            (code(kind.code), str(kind.status), kind.title, _meaning(kind))
            for kind in sorted(kinds(), key=lambda kind: (kind.status, kind.code))
        ),
    )
    yield "## From Python\n"
    yield f"`jupyter_mlops.client.ClientError`: {sentence(ClientError.__doc__)}\n"
    yield f"The client's own code is {code(UNREACHABLE)}: nothing answered.\n"
    yield "## Why runs end\n"
    yield "The `reason` of a run that did not finish:\n"
    yield from table(
        ("reason", "status"),
        (
            (code(reason.value), code(status.value))
            for status, reasons in REASONS.items()
            for reason in Reason
            if reason in reasons
        ),
    )


def kinds() -> list[type[MlopsError]]:
    """Return every error of the tree that a client can tell by its code."""
    found: list[type[MlopsError]] = [MlopsError]
    for kind in found:
        found += [each for each in kind.__subclasses__() if "code" in vars(each)]
    return found


def _meaning(kind: type[MlopsError]) -> str:
    if kind is MlopsError:
        return "Something went wrong on our side; the log has the place under the `id`."
    return (
        sentence(kind.__doc__).replace(" (security row S11)", "").replace(" (security row S35)", "")
    )
