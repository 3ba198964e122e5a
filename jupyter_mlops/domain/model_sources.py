"""Where the files of a model are: an address that a client sends becomes a typed place.

An address is never opened as it was given (security row S12): what is not one of the forms that
this server hands out is refused, and the place that it names is looked up in the store.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jupyter_mlops.domain import names
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.file_places import InLoggedModel, InRun, Place

_IN_RUN = re.compile(r"runs:/([0-9a-f]{32})(?:/(.*))?", re.DOTALL)
_LOGGED_MODEL = re.compile(r"models:/(m-[0-9a-f]{32})")
_VERSION = re.compile(r"models:/([^/:@]+)/([0-9]{1,18})", re.DOTALL)
_ISSUED_IN_RUN = re.compile(
    r"mlflow-artifacts:/[0-9]{1,18}/([0-9a-f]{32})/artifacts(?:/(.*))?", re.DOTALL
)
_ISSUED_IN_LOGGED_MODEL = re.compile(
    r"mlflow-artifacts:/[0-9]{1,18}/models/(m-[0-9a-f]{32})/artifacts(?:/(.*))?", re.DOTALL
)


@dataclass(frozen=True)
class OfVersion:
    """The files of another model version."""

    name: str
    version: int


ModelSource = Place | OfVersion


def model_source(address: str) -> ModelSource:
    """Return the place that ``address`` stands for; InvalidRequest unless this server issued it.

    Known are ``runs:/<run_id>/<path>``, ``models:/<model_id>``, ``models:/<name>/<version>`` and
    ``mlflow-artifacts:/…`` below a run or a logged model. Whether anything is there is not known.
    """
    whole = address.rstrip("/")
    for pattern in (_IN_RUN, _ISSUED_IN_RUN):
        if found := pattern.fullmatch(whole):
            return InRun(found[1], _path(found[2]))
    if found := _LOGGED_MODEL.fullmatch(whole):
        return InLoggedModel(found[1], "")
    if found := _ISSUED_IN_LOGGED_MODEL.fullmatch(whole):
        return InLoggedModel(found[1], _path(found[2]))
    if found := _VERSION.fullmatch(whole):
        return OfVersion(found[1], int(found[2]))
    raise InvalidRequest(
        "Invalid model version source. It must be runs:/<run_id>/<path>, models:/<model_id>, "
        "models:/<name>/<version>, or an mlflow-artifacts:/ address of this server.",
        field="source",
    )


def _path(text: str | None) -> str:
    return names.file_path(text, field="source") if text else ""
