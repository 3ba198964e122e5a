"""Whatever is sent, the answer is one that the contract names, and never a 5xx (row S7)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from jupyter_mlops.api import PREFIX, openapi
from tests.finished_run import finished_run
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost

# Who may ask is the matter of the route matrix; here everybody is the owner.
SCHEMA = schemathesis.openapi.from_dict(openapi.document() | {"security": []})
# What is longer than the contract allows is refused as too large.
REFUSAL = SCHEMA.config.checks.negative_data_rejection
REFUSAL.expected_statuses = [*REFUSAL.expected_statuses, "413"]
OPERATIONS = {
    operation.ok().definition.raw["operationId"]: operation.ok()
    for operation in SCHEMA.get_all_operations()
}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
]


def probe(host: JupyterHost, name: str, run_id: str, examples: int) -> None:
    """Send well-formed and malformed requests to one operation and check each answer."""
    operation: Any = OPERATIONS[name]
    cases = st.one_of(*[operation.as_strategy(generation_mode=mode) for mode in GenerationMode])
    address = f"http://{host.netloc}{BASE_URL}{PREFIX}"

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=cases, real=st.booleans())
    def send(case: Any, real: bool) -> None:
        # A repeated real run would run; everything else may happen to the one that exists.
        well_formed = case.meta.generation.mode is GenerationMode.POSITIVE
        if real and well_formed and "run_id" in case.path_parameters and name != "rerunRun":
            case.path_parameters["run_id"] = run_id
        response = case.call(base_url=address, headers={"Authorization": f"token {OWNER}"})
        case.validate_response(response, checks=CHECKS)

    send()


@pytest.fixture(scope="module")
def run_id(host: JupyterHost) -> str:
    """Return the id of a run that requests may really find."""
    return finished_run(host)


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_gets_an_answer_outside_of_the_contract(
    host: JupyterHost, run_id: str, name: str
) -> None:
    probe(host, name, run_id, examples=20)


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_of_thousands_gets_an_answer_outside_of_the_contract(
    host: JupyterHost, run_id: str, name: str
) -> None:
    probe(host, name, run_id, examples=2_000)
