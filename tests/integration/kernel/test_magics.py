"""`%mlops` in a real kernel: runs, lists, completes, and never stops the user's code."""

from __future__ import annotations

import pytest

from .conftest import Kernel


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    assert kernel.execute("%load_ext jupyter_mlops").ok
    return kernel


def test_without_a_command_it_tells_how_things_stand(shell: Kernel) -> None:
    shown = shell.execute("%mlops")
    assert "no run is open" in shown.result["text/plain"]
    assert ", ready, as " in shown.result["text/plain"]
    assert shown.result["text/html"].startswith("<table>")
    shell.execute("from jupyter_mlops import start_run; run = start_run('wine', 'mine')")
    assert "mine in wine" in shell.execute("%mlops").result["text/plain"]


def test_run_waits_and_returns_the_run_with_its_metrics(shell: Kernel) -> None:
    shell.execute("half = '-2.5e-1'")
    shown = shell.execute("done = %mlops run train.ipynb -p alpha {half} --experiment wine --wait")
    assert shown.ok
    assert "train" in shown.printed
    assert shell.execute("done.status, done.metrics").result["text/plain"] == (
        "('FINISHED', {'loss': -0.125})"
    )
    listed = shell.execute("%mlops runs --last 1 --experiment WINE").result
    assert "FINISHED" in listed["text/plain"]
    assert "loss -0.125" in listed["text/html"]


def test_the_magic_is_a_skin_on_public_functions(shell: Kernel) -> None:
    shell.execute("import jupyter_mlops")
    shown = shell.execute(
        "r = jupyter_mlops.run('train.ipynb', {'alpha': 1.0, 'steps': 1}, wait=True)\n"
        "listed = jupyter_mlops.runs(last=1)[0]\n"
        "print(r.status, r.metrics, r.parameters, listed.run_id == r.run_id, listed.metrics)"
    )
    assert "FINISHED {'loss': 1.0} {'alpha': 1.0, 'steps': 1} True {'loss': 1.0}" in shown.printed


def test_run_keeps_a_copy_where_it_is_told_to(shell: Kernel) -> None:
    for order, saved in (
        ("--save-to-folder kept/here", "kept/here/train-executed.ipynb"),
        ("--save-to kept/mine.ipynb", "kept/mine.ipynb"),
    ):
        assert shell.execute(f"%mlops run train.ipynb --wait {order}").ok
        shown = shell.execute(f"import pathlib; print(pathlib.Path({saved!r}).is_file())")
        assert shown.printed == "True\n"


def test_run_lets_mlflow_log_by_itself_or_not(shell: Kernel) -> None:
    for order, wanted in (("", False), ("--autolog", True), ("--no-autolog", False)):
        shell.execute(f"r = %mlops run train.ipynb {order}")
        shown = shell.execute("print(r.client.run(r.run_id)['autolog'])")
        assert shown.printed == f"{wanted}\n"


def test_a_run_that_is_not_waited_for_can_be_refreshed_and_cancelled(shell: Kernel) -> None:
    shell.execute("from pathlib import Path; import nbformat")
    shell.execute(
        "cell = nbformat.v4.new_code_cell('import time; time.sleep(60)')\n"
        "book = nbformat.v4.new_notebook(cells=[cell])\n"
        "nbformat.write(book, 'sleepy.ipynb')\n"
        "r = %mlops run sleepy.ipynb"
    )
    shown = shell.execute("print(r.cancel().wait().status)")
    assert shown.printed == "KILLED\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%mlops run missing.ipynb", "There is no notebook"),
        ("%mlops run train.ipynb -p alphaa 1", "did you mean alpha?"),
        ("%mlops run ../x.ipynb", "lies outside of"),
        ("%mlops run", "required: notebook"),
        ('%mlops run "open', "No closing quotation"),
        ("%mlops dance", "invalid choice"),
        ("%mlops runs --last many", "invalid int value"),
        ("%mlops runs --experiment nobody", "no such experiment"),
    ],
)
def test_what_goes_wrong_is_told_and_the_cell_goes_on(shell: Kernel, line: str, told: str) -> None:
    shown = shell.execute(f"{line}\nprint('on')")
    assert shown.ok
    assert shown.printed == "on\n"
    assert told in shown.errors
    assert "Traceback" not in shown.errors


def test_help_is_printed_and_the_kernel_lives(shell: Kernel) -> None:
    assert "Run notebooks and look at runs" in shell.execute("%mlops --help").printed
    assert "--wait" in shell.execute("%mlops run --help").printed
    assert shell.execute("1").result["text/plain"] == "1"


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("%mlops ", {"run", "runs", "--help"}),
        ("%mlops run ", {"train.ipynb", '"deep/two words.ipynb"', "--wait"}),
        ("%mlops run tr", {"train.ipynb"}),
        ("%mlops run train.ipynb --w", {"--wait"}),
        ("%mlops run --save-to-folder out tr", {"train.ipynb"}),
        ("%mlops run --no-autolog tr", {"train.ipynb"}),
        ("%mlops run train.ipynb -p ", {"alpha", "steps"}),
        ("%mlops run train.ipynb -p alpha 1 -p st", {"steps"}),
        ("%mlops run -p x 1 'deep/two words.ipynb' -p b", {"beta"}),
        ("%mlops runs --experiment ", {"Default"}),
        ("found = %mlops ru", {"run", "runs"}),
    ],
)
def test_completion_offers_what_may_follow(shell: Kernel, code: str, offered: set[str]) -> None:
    assert offered <= set(shell.completions(code))


def test_what_a_notebook_named_is_shown_as_text_never_as_markup(shell: Kernel) -> None:
    name = "<img src=x onerror=alert(1)>"
    shown = shell.execute(f'r = %mlops run train.ipynb --name "{name}" --wait')
    assert shown.ok
    for line in ("r", "%mlops runs --last 1"):
        result = shell.execute(line).result
        assert name in result["text/plain"]
        assert "<img" not in result["text/html"]
        assert "&lt;img" in result["text/html"]


def test_without_a_server_it_says_what_to_do(lonely_kernel: Kernel) -> None:
    lonely_kernel.execute("%load_ext jupyter_mlops")
    assert "none was found" in lonely_kernel.execute("%mlops").result["text/plain"]
    shown = lonely_kernel.execute("%mlops runs")
    assert shown.ok
    assert "start one with `jupyter lab`" in shown.errors
    assert lonely_kernel.completions("%mlops runs --experiment ") is not None
