"""The types of the Python client are made from the contract, and fresh."""

from __future__ import annotations

import ast

from scripts import client_answers


def test_the_committed_types_of_the_client_are_fresh() -> None:
    # Compared as Python sees them: the layout is the formatter's.
    committed = ast.parse(client_answers.PATH.read_text(encoding="utf-8"))
    assert ast.dump(committed) == ast.dump(ast.parse(client_answers.text())), "Run: make contract"
