"""Parameters that a client logs: immutable as in MLflow, and beside those that a run was given.

A notebook that logs all it knows of a fit must not fail for a key that its own parameters have, too.
What a run was given stays; what the code had in its place is kept in a tag. A default makes room for
what the code logs, which is what the run had in the end, unless both read the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.names import KEY_MAX_CHARS
from jupyter_mlops.domain.runs import Parameter
from jupyter_mlops.store import parameters, run_limits, tags

OTHER_VALUE = "mlops.logged."


def insert(connection: Connection, run_id: str, texts: Mapping[str, str]) -> None:
    """Record what was logged; InvalidRequest in MLflow's words for a value that it logged before."""
    if not texts:
        return
    new, others = dict(texts), dict[str, str]()
    for each in parameters.known(connection, run_id, list(texts)):
        if each.origin == "logged":
            _check_unchanged(run_id, each, texts[each.key])
        elif each.secret or each.text == texts[each.key]:
            del new[each.key]
        elif each.origin == "given":
            others[OTHER_VALUE + each.key] = new.pop(each.key)
    parameters.insert(
        connection,
        run_id,
        [
            Parameter(key=key, value=text, type="str", secret=False, origin="logged")
            for key, text in new.items()
        ],
    )
    others = {key: text for key, text in others.items() if len(key) <= KEY_MAX_CHARS}
    fitting = run_limits.fitting(connection, run_id, "tags", others) if others else set()
    tags.set_all(connection, run_id, {key: others[key] for key in others if key in fitting})


def _check_unchanged(run_id: str, known: parameters.KnownText, new: str) -> None:
    if new != known.text:
        raise InvalidRequest(
            "Changing param values is not allowed. Param with "
            f"key='{known.key}' was already logged with value='{known.text}' for "
            f"run ID='{run_id}'. Attempted logging new value '{new}'.",
            field="value",
        )
