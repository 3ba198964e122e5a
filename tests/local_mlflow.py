"""MLflow's door over a core in this process: the same steps as in a server, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from jupyter_mlops.api.mlflow import door
from jupyter_mlops.api.routing import Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.bootstrap import Adapters, compose
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.settings import Settings
from jupyter_mlops.store.database import Database


class LocalMlflow:
    """Opens the store of ``home``; ``network`` says how, None to look at the disk."""

    def __init__(self, home: Path, *, network: bool | None = None) -> None:
        """MlopsError when the store does not open."""
        adapters = Adapters(database=partial(Database.open, network=network))
        settings = Settings(root=home.parent, home=home, dispatch=False)
        self._core = Core(settings, partial(compose, adapters=adapters))
        self._actor = owner("olive")
        self._core.start()
        try:
            self._core.check()
        except BaseException:
            self._core.close()
            raise

    def ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Return status and content of the answer to one request."""
        try:
            return _flat(self._answer(method, path, body))
        except MlopsError as error:
            return _flat(door.refuse(error, "0" * 16))

    def close(self) -> None:
        """Close the store."""
        self._core.close()

    def _answer(self, method: str, path: str, body: bytes | None) -> Response:
        place, _, query = path.partition("?")
        route, variables = door.find(method, unquote(place))
        if not route.upload:
            request = door.parse(route, self._actor, variables, query, {}, body or b"")
            return door.answer(self._core.services, route, request)
        return self._upload(route, variables, body or b"")

    def _upload(self, route: Route, variables: dict[str, str], body: bytes) -> Response:
        services = self._core.services
        arriving = services.artifacts.begin(self._actor, len(body))
        try:
            arriving.write(body)
            request = door.parse(route, self._actor, variables, "", {}, b"")
            return door.answer(services, route, replace(request, body=arriving))
        finally:
            arriving.discard()


def _flat(response: Response) -> tuple[int, bytes]:
    if isinstance(response.body, FileBlob):
        with response.body.file as file:
            file.seek(0)
            return response.status, file.read(response.body.size)
    return response.status, response.body
