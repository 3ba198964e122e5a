from __future__ import annotations

import ast
import re
from difflib import unified_diff

import jupyter_mlops
from jupyter_mlops.api.mlflow.routes import ROUTES as MLFLOW
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.cli import COMMANDS
from jupyter_mlops.client import Client
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.runs import Reason
from jupyter_mlops.kernel.magics import MlopsMagics
from jupyter_mlops.server.extension import MLOpsApp
from scripts.reference.errors import kinds
from scripts.reference.magics import commands as magic_commands
from scripts.reference.pages import FOLDER, texts
from tests.docs.pages import PAGES, ROOT, commands, without_blocks

GUIDE = ROOT / "docs" / "guide"
_VARIABLE = re.compile(r"(JMLOPS|JUPYTER|JUPYTERHUB|JPY|XDG)_[A-Z_]+")


def test_the_reference_is_what_the_code_says() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*")}
    expected = texts()
    assert set(written) == set(expected), "Run `make docs-reference`."
    stale = [
        line
        for name, text in expected.items()
        for line in unified_diff(written[name].split("\n"), text.split("\n"), name, name, n=0)
    ]
    assert stale == [], "Run `make docs-reference`."


def test_every_page_of_the_guide_and_the_reference_is_in_the_table_of_contents() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    pages = [*GUIDE.glob("*.md"), *FOLDER.glob("*.md")]
    assert [each.stem for each in pages if f"{each.parent.name}/{each.stem}\n" not in index] == []


def test_every_route_is_described() -> None:
    page = (FOLDER / "routes.md").read_text("utf-8")
    missing = [
        route.operation_id
        for route in ROUTES
        if f"\n### {route.operation_id}\n\n`{route.method} mlops/api/{route.path}`\n" not in page
    ]
    assert missing == []


def test_every_address_of_the_mlflow_door_is_described() -> None:
    page = (FOLDER / "mlflow.md").read_text("utf-8")
    assert [each for each in MLFLOW if f"| `{each.method} {each.path}` |" not in page] == []
    assert len(MLFLOW) > 50


def test_every_trait_is_described() -> None:
    page = (FOLDER / "settings.md").read_text("utf-8")
    traits = MLOpsApp.class_own_traits(config=True)
    assert [name for name in traits if f"| `MLOpsApp.{name}` |" not in page] == []
    assert len(traits) >= 8


def test_every_error_code_and_reason_is_described() -> None:
    page = (FOLDER / "errors.md").read_text("utf-8")
    named = [kind.code for kind in kinds()] + [reason.value for reason in Reason]
    assert [name for name in named if f"| `{name}` |" not in page] == []
    guide = (GUIDE / "running.md").read_text("utf-8")
    assert [reason.value for reason in Reason if f"| `{reason.value}` |" not in guide] == []


def test_every_event_is_described() -> None:
    page = (FOLDER / "events.md").read_text("utf-8")
    assert [kind.value for kind in EventType if f"| `{kind.value}` |" not in page] == []


def test_every_command_is_described_in_guide_and_reference() -> None:
    reference = (FOLDER / "commands.md").read_text("utf-8")
    guide = (GUIDE / "command_line.md").read_text("utf-8")
    names = [name for name, *_ in COMMANDS]
    assert [name for name in names if f"\n## jupyter mlops {name}\n" not in reference] == []
    assert [name for name in names if f"\njupyter mlops {name} " not in guide] == []


def test_every_magic_is_described_in_guide_and_reference() -> None:
    named = [name for found in MlopsMagics.magics.values() for name in found]
    reference = (FOLDER / "magics.md").read_text("utf-8")
    guide = (GUIDE / "magics.md").read_text("utf-8")
    assert [name for name in named if f"## %{name}\n" not in reference] == []
    for command in magic_commands():
        assert f"### %mlops {command}\n" in reference
        assert f"%mlops {command} " in guide


def test_every_public_function_is_described() -> None:
    page = (FOLDER / "functions.md").read_text("utf-8")
    functions = [name for name in jupyter_mlops.__all__ if name != "__version__"]
    assert [name for name in functions if f"\njupyter_mlops.{name}(" not in page] == []
    methods = [name for name in vars(Client) if not name.startswith("_")]
    assert [name for name in methods if f"\n`{name}(" not in page] == []


def test_every_environment_variable_in_the_code_is_described() -> None:
    page = (GUIDE / "operating.md").read_text("utf-8")
    found = {
        node.value
        for file in (ROOT / "jupyter_mlops").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _VARIABLE.fullmatch(node.value)
    }
    assert {"JMLOPS_HOME", "JUPYTER_TOKEN", "JMLOPS_SECRET_"} <= found
    assert [name for name in sorted(found) if f"`{name}" not in page] == []


def test_every_make_target_in_the_documentation_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        name
        for page in PAGES
        for text in (*commands(page), *re.findall(r"`[^`\n]+`", without_blocks(page)))
        for name in re.findall(r"^`?make ([a-z-]+)", text)
    }
    assert {"demo", "test"} <= named
    assert named - targets == set()
