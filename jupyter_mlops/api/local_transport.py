"""The door without HTTP: a client in this process reaches the core through the same routes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode

import msgspec

from jupyter_mlops.api import door, problems
from jupyter_mlops.api.routing import Response
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.system_user import system_user

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

_LOG = logging.getLogger(__name__)


class LocalTransport:
    """Answers requests from an open core, as the user who runs this process."""

    def __init__(self, services: Services, close: Callable[[], None]) -> None:
        self._services = services
        self._close = close
        self._actor = owner(system_user())

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of one request; ``path`` is below ``mlops/api``."""
        try:
            route, variables = door.find(method, unquote(path))
            request = door.parse(
                route,
                self._actor,
                variables,
                urlencode(query or {}, doseq=True),
                headers or {},
                body or b"",
            )
            return _flat(door.answer(self._services, route, request))
        except MlopsError as error:
            return _refusal(error, problems.new_id())
        except Exception as error:  # noqa: BLE001 - principle 8: no stack leaves by a door
            problem_id = problems.new_id()
            log_fault(_LOG, f"Request {problem_id} failed", error)
            return _refusal(problems.of_status(500), problem_id)

    def close(self) -> None:
        """Close the core; runs under way go on."""
        self._close()


def _refusal(error: MlopsError, problem_id: str) -> tuple[int, Mapping[str, str], bytes]:
    problem = problems.of(error, problem_id)
    return error.status, problems.headers_of(error), msgspec.json.encode(problem)


def _flat(response: Response) -> tuple[int, Mapping[str, str], bytes]:
    if isinstance(response.body, FileBlob):
        with response.body.file as file:
            file.seek(0)
            return response.status, response.headers, file.read(response.body.size)
    return response.status, response.headers, response.body
