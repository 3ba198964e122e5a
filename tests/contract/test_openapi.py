"""The contract is what the routes say, and its committed forms are fresh."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from jupyter_mlops.api import openapi
from jupyter_mlops.api.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "contract" / "openapi.json"
TYPES = ROOT / "src" / "contract" / "schema.ts"
GENERATOR = ROOT / "node_modules" / ".bin" / "openapi-typescript"


def test_the_committed_openapi_document_is_fresh() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.text(), "Run: make contract"


def test_the_committed_typescript_types_are_fresh(tmp_path: Path) -> None:
    script = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["scripts"]["contract"]
    arguments = script.replace(str(TYPES.relative_to(ROOT)), str(tmp_path / "schema.ts")).split()
    subprocess.run([GENERATOR, *arguments[1:]], cwd=ROOT, check=True, capture_output=True)
    fresh = (tmp_path / "schema.ts").read_text(encoding="utf-8")
    assert TYPES.read_text(encoding="utf-8") == fresh, "Run: make contract"


def test_every_route_has_its_own_name_and_address() -> None:
    assert len({route.operation_id for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


def test_every_field_of_an_answer_is_always_there() -> None:
    """Clients never see an optional field in an answer: outputs have no defaults."""
    document = openapi.document()
    taken = {route.body.__name__ for route in ROUTES if route.body is not None}
    for name, schema in document["components"]["schemas"].items():
        if name not in taken and "properties" in schema:
            assert schema["required"] == list(schema["properties"]), name


def test_a_reading_route_needs_only_the_right_to_read() -> None:
    for route in ROUTES:
        actions = {action for action, _ in route.scopes}
        assert (actions == {"read"}) == (route.method == "GET"), route.operation_id
