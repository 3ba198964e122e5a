from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_mlops.domain.actors import Actor, owner
from jupyter_mlops.domain.errors import Forbidden, InvalidNotebook, MlopsError, TooLarge
from jupyter_mlops.services.notebooks import NotebookService
from tests.notebook_files import notebook, write
from tests.workspace import Workspace

MEGABYTE = 1_000_000
ADA = owner("ada")


def refusal(notebooks: NotebookService, path: str) -> MlopsError:
    with pytest.raises(MlopsError) as caught:
        notebooks.inspect(ADA, path)
    assert caught.value.status < 500
    assert caught.value.field == "path"
    return caught.value


def test_an_inspection_shows_what_the_form_needs(notebooks: NotebookService, root: Path) -> None:
    kernelspec = {"name": "python3", "display_name": "Python", "language": "python"}
    write(root / "train.ipynb", notebook("alpha = 0.1  # Step", kernelspec=kernelspec))
    found = notebooks.inspect(ADA, "train.ipynb")
    assert [(item.key, item.type, item.default, item.help) for item in found.parameters] == [
        ("alpha", "float", 0.1, "Step")
    ]
    assert (found.kernel_name, found.language, found.code_cells) == ("python3", "python", 2)
    assert (found.has_parameters_cell, found.reads_parameters, found.warnings) == (True, True, [])
    assert (found.last_used, found.last_experiment) == ({}, None)
    assert (found.last_kernel_name, found.last_time_limit) == (None, None)
    assert found.default_experiment == "Default"


def test_the_digest_is_that_of_the_bytes_and_the_folder_that_of_the_notebook(
    notebooks: NotebookService, root: Path
) -> None:
    path = write(root / "a" / "b" / "train.ipynb")
    source = notebooks.read_source("a/b/train.ipynb")
    assert source.data == path.read_bytes()
    assert source.folder == root.resolve() / "a" / "b"
    again = notebooks.parse_source("a/b/train.ipynb", source.data)
    assert again == source


def test_what_was_used_last_comes_back_to_its_user_without_secrets(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, dispatch=False)
    try:
        path = workspace.notebook(
            "train.ipynb", "1", parameters="alpha = 1\napi_key = ''\nbeta = 2"
        )
        workspace.submit(path, parameters={"alpha": 3}, experiment="old")
        given = {"alpha": 5, "api_key": "canary-77aa"}
        workspace.submit(path, parameters=given, experiment="wine", time_limit=60.0)
        service = workspace.core.services.notebooks
        mine, theirs = service.inspect(ADA, path), service.inspect(owner("bob"), path)
    finally:
        workspace.close()
    assert (mine.last_used, mine.last_experiment) == ({"alpha": 5}, "wine")
    assert (mine.last_kernel_name, mine.last_time_limit) == (None, 60.0)
    assert (theirs.last_used, theirs.last_experiment) == ({}, None)
    assert (theirs.last_kernel_name, theirs.last_time_limit) == (None, None)


def test_the_kernel_used_last_comes_back_only_when_it_was_chosen_in_place_of_the_notebooks_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec = {"display_name": "Other", "language": "python", "argv": ["true"]}
    folder = tmp_path / "kernels" / "other"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    workspace = Workspace(tmp_path, dispatch=False)

    def proposed(kernel_name: str) -> str | None:
        kernelspec = {"name": kernel_name, "display_name": "", "language": "python"}
        write(workspace.root / "a.ipynb", notebook("alpha = 1", kernelspec=kernelspec))
        return workspace.core.services.notebooks.inspect(ADA, "a.ipynb").last_kernel_name

    try:
        assert proposed("python3") is None
        run = workspace.submit("a.ipynb")
        # Switched in the notebook since: the run had the kernel that was the notebook's own.
        assert (proposed("python3"), proposed("other")) == (None, None)
        assert run.kernel_name == "python3"

        proposed("python3")
        run = workspace.submit("a.ipynb", kernel_name="Other")
        assert (proposed("python3"), proposed("other"), proposed("OTHER")) == ("other", None, None)
        source = workspace.core.services.runs.inspect_source(ADA, run.run_id)
        assert (source.kernel_name, source.last_kernel_name) == ("python3", "other")

        digest = str(run.source_digest).removeprefix("sha256:")
        for path in workspace.home.rglob(f"*{digest[2:]}"):
            path.unlink()
        assert proposed("python3") is None
    finally:
        workspace.close()


def test_of_the_values_used_last_those_come_back_that_fit_the_notebook_as_it_is_now(
    tmp_path: Path,
) -> None:
    before = "mode = 'a'\nsize = 1\nrate = 1.0\nlogin = ''\ngone = 1\nmaybe: int | None = 1"
    after = (
        "mode = True\nsize = 1  # {choices: [1, 2]}\nrate = 1.0  # {max: 5}\n"
        "login = ''  # {secret: true}\nmaybe: int | None = 1"
    )
    given = {"mode": "true", "size": 3, "rate": 4, "login": "x", "gone": 2, "maybe": None}
    workspace = Workspace(tmp_path, dispatch=False)
    try:
        path = workspace.notebook("train.ipynb", "1", parameters=before)
        workspace.submit(path, parameters=given)
        workspace.notebook("train.ipynb", "1", parameters=after)
        found = workspace.core.services.notebooks.inspect(ADA, path)
    finally:
        workspace.close()
    assert found.last_used == {"rate": 4.0, "maybe": None}


V3 = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": []}]}


def broken(**changes: Any) -> dict[str, Any]:
    return {**notebook(), **changes}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"hello", "not valid JSON"),
        (b"\x89PNG\r\n\x1a\n\x00", "not valid JSON"),
        (b"\xff\xfe{\x00}\x00", "not valid JSON"),
        (json.dumps(notebook()).encode()[:-20], "not valid JSON"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "merge conflict"),
        (b"[]", "no notebook"),
        (b"null", "no notebook"),
        (b'"text"', "no notebook"),
        (b"{}", "no notebook"),
        (b'{"nbformat": "4"}', "no notebook"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "not valid JSON"),
        (V3, "jupyter nbconvert --to notebook --nbformat 4"),
        (broken(nbformat=2), "old format 2"),
        (broken(nbformat=5), "newer"),
        (broken(cells=None), "damaged at $.cells"),
        (broken(cells={}), "damaged at $.cells"),
        (broken(cells=["x = 1"]), "damaged at $.cells[0]"),
        (broken(cells=[{"cell_type": "code", "source": 1, "metadata": {}}]), ".source"),
        (broken(cells=[{"cell_type": "sql", "source": "", "metadata": {}}]), ".cell_type"),
        (broken(cells=[{"cell_type": "code", "metadata": {}}]), "damaged at $.cells[0]"),
        (broken(metadata=[]), "damaged at $.metadata"),
        ({"nbformat": 4, "nbformat_minor": 5, "metadata": {}}, "damaged"),
    ],
)
def test_a_file_that_is_no_runnable_notebook_is_answered_with_what_to_do(
    notebooks: NotebookService, root: Path, content: Any, expected: str
) -> None:
    write(root / "train.ipynb", content)
    error = refusal(notebooks, "train.ipynb")
    assert isinstance(error, InvalidNotebook)
    assert expected in error.message
    assert str(root) not in error.message


def test_a_notebook_of_100_mb_is_refused_with_the_way_out(
    notebooks: NotebookService, root: Path
) -> None:
    with (root / "large.ipynb").open("wb") as file:
        file.truncate(100 * MEGABYTE)
    tracemalloc.start()
    error = refusal(notebooks, "large.ipynb")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEGABYTE
    assert isinstance(error, TooLarge)
    assert "100 MB, more than the 64 MB" in error.message
    assert "Clear its outputs" in error.message


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, dispatch=False, max_notebook_bytes=1_000)
    try:
        path = workspace.notebook("train.ipynb", "# " + "x" * 1_000)
        with pytest.raises(TooLarge):
            workspace.submit(path)
    finally:
        workspace.close()


def test_a_notebook_just_under_the_limit_is_read(notebooks: NotebookService, root: Path) -> None:
    book = notebook("alpha = 1")
    text = "x" * 63 * MEGABYTE
    book["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    write(root / "large.ipynb", book)
    assert [item.key for item in notebooks.inspect(ADA, "large.ipynb").parameters] == ["alpha"]


def test_a_notebook_without_kernel_or_parameters_cell_can_run(
    notebooks: NotebookService, root: Path
) -> None:
    write(root / "plain.ipynb", dict(new_notebook(cells=[new_code_cell("1")])))
    found = notebooks.inspect(ADA, "plain.ipynb")
    assert (found.kernel_name, found.language) == (None, "python")
    assert (found.has_parameters_cell, found.reads_parameters) == (False, False)
    assert found.parameters == []


def test_a_notebook_in_another_language_takes_parameters_by_name(
    notebooks: NotebookService, root: Path
) -> None:
    spec = {"name": "ir", "display_name": "R", "language": "R"}
    write(root / "r.ipynb", notebook("alpha <- 0.1", kernelspec=spec))
    found = notebooks.inspect(ADA, "r.ipynb")
    assert (found.language, found.kernel_name) == ("r", "ir")
    assert (found.has_parameters_cell, found.reads_parameters) == (True, False)
    assert "give them by their keys" in found.warnings[0]


def test_of_two_parameters_cells_the_first_one_counts(
    notebooks: NotebookService, root: Path
) -> None:
    cells = [new_code_cell(f"{name} = 1", metadata={"tags": ["parameters"]}) for name in "ab"]
    write(root / "two.ipynb", dict(new_notebook(cells=cells)))
    found = notebooks.inspect(ADA, "two.ipynb")
    assert [item.key for item in found.parameters] == ["a"]
    assert "only the first one counts" in found.warnings[0]


def test_strange_metadata_is_passed_over(notebooks: NotebookService, root: Path) -> None:
    book = notebook(kernelspec={"name": 5, "language": []}, language_info={"name": None})
    book["cells"][2]["metadata"] = {"tags": "parameters"}
    write(root / "odd.ipynb", book)
    found = notebooks.inspect(ADA, "odd.ipynb")
    assert (found.kernel_name, found.language) == (None, "python")


def test_who_may_not_read_notebooks_learns_nothing_of_them(
    notebooks: NotebookService, root: Path
) -> None:
    write(root / "train.ipynb")
    nobody = Actor(user="eve", display_name="Eve", scopes=frozenset({"mlops:runs:read"}))
    messages = set()
    for path in ("train.ipynb", "gone.ipynb", "../x"):
        with pytest.raises(Forbidden) as caught:
            notebooks.inspect(nobody, path)
        messages.add(caught.value.message)
    assert len(messages) == 1
