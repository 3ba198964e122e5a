"""All routes of a door, found by what a request asks for."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlops.api.problems import MethodNotAllowed
from jupyter_mlops.api.routing import Route, by_path
from jupyter_mlops.domain.errors import NotFound


class RouteTable:
    """Finds a route by its path where that has no variable part, which most have not.

    Of the others those are tried whose path begins as the one that is asked for.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._plain = by_path(route for route in routes if not route.path_names)
        self._variable = [
            (route.path.partition("{")[0], route) for route in routes if route.path_names
        ]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route that ``path`` names, and the path's variable parts.

        Raises NotFound, or MethodNotAllowed where there is a route for another method.
        """
        plain = self._plain.get(path, {})
        if method in plain:
            return plain[method], {}
        allowed: list[str] = list(plain)
        for beginning, route in self._variable:
            if not path.startswith(beginning):
                continue
            found = route.pattern.fullmatch(path)
            if found is None:
                continue
            if route.method == method:
                return route, found.groupdict()
            allowed.append(route.method)
        if allowed:
            raise MethodNotAllowed(tuple(allowed))
        raise NotFound("There is nothing at this address.")
