"""Each request finds its route, by a look-up or by trying; both find the same."""

from __future__ import annotations

import pytest

from jupyter_mlops.api.problems import MethodNotAllowed
from jupyter_mlops.api.route_table import RouteTable
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route, by_path
from jupyter_mlops.domain.errors import NotFound
from tests.contract.route_samples import EVERY_ROUTE, name_of

OURS = RouteTable(ROUTES)


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=name_of)
def test_a_route_is_the_first_that_its_own_path_fits(route: Route) -> None:
    path = route.path.replace("{", "").replace("}", "").replace("...", "")
    fitting = [
        each
        for each in EVERY_ROUTE
        if each.method == route.method and each.pattern.fullmatch(path) is not None
    ]
    found, variables = RouteTable(EVERY_ROUTE).find(route.method, path)
    assert found is fitting[0]
    assert set(variables) == set(found.path_names)


def test_a_path_with_the_name_of_a_variable_part_in_it_is_a_value_like_any_other() -> None:
    found, variables = OURS.find("GET", "runs/{run_id}")
    assert found.path == "runs/{run_id}"
    assert variables == {"run_id": "{run_id}"}


def test_another_method_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        OURS.find("DELETE", "status")
    assert refused.value.allowed == tuple(by_path(ROUTES)["status"])


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        OURS.find("GET", "status/")
