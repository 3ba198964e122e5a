"""A Python cell taken apart without running it: statements, their comments, their text."""

from __future__ import annotations

import ast
import io
import re
import threading
import tokenize
import warnings as python_warnings
from dataclasses import dataclass
from typing import NamedTuple

MAGICS_MAX = 100
MAGIC_MAX_CHARS = 1_000
TEXT_MAX_CHARS = 500

# `%matplotlib inline`, `!pip install x`, `?name`, `name?`, `files = !ls`, `t = %time f()`
_MAGIC = re.compile(r"\s*(?:[%!?]|[^#'\"]*\?\s*$|[\w\s,.]+=\s*[%!])")
_DIRECTIVE = re.compile(
    r"(?:!|%%|\+|-\*-|type:|noqa|ruff:|pylint:|pyright:|mypy:|fmt:|isort:|flake8:|pragma:?|"
    r"region\b|endregion\b)"
)
_CAPTION = re.compile(r"(?:this cell is tagged\b.*|(?:the\s+)?parameters?(?:\s+cell)?\W*)", re.I)
_TYPE_COMMENT = re.compile(r"type:\s*(?!ignore\b)\S+\s*")

# Compiling text can warn (an invalid escape); the filters of Python are one per process.
_PARSING = threading.Lock()


@dataclass(frozen=True)
class _Comment:
    text: str
    alone: bool


class _Unparsed(NamedTuple):
    line: int
    message: str


@dataclass(frozen=True)
class CellSource:
    """The top-level statements of a cell; lines and columns are those of the cell.

    ``comments`` are those of each statement, the nearest first: at its end, then at the end of its
    first line, then those above as one. ``stray`` ones, by line, belong to no statement.
    """

    lines: list[str]
    statements: list[ast.stmt]
    comments: list[list[str]]
    stray: dict[int, str]
    warnings: list[str]

    def text_of(self, node: ast.expr) -> str:
        """Return the code of an expression as it is written, cut at 500 characters."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        # The columns of ast count bytes of UTF-8.
        rows = [line.encode() for line in self.lines[first : last + 1]]
        rows[-1] = rows[-1][: node.end_col_offset]
        rows[0] = rows[0][node.col_offset :]
        text = b"\n".join(rows).decode(errors="replace")
        return text if len(text) <= TEXT_MAX_CHARS else text[: TEXT_MAX_CHARS - 1] + "…"


def read_source(source: str) -> CellSource:
    """Parse a cell; lines with IPython magics are left out, other errors become a warning."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    parsed = _parse("\n".join(lines))
    for _ in range(MAGICS_MAX):
        if isinstance(parsed, list):
            return CellSource(lines, parsed, *_attached(parsed, _comments(lines)), [])
        if not 1 <= parsed.line <= len(lines) or not _is_magic(lines[parsed.line - 1]):
            break
        lines[parsed.line - 1] = ""
        parsed = _parse("\n".join(lines))
    where = ""
    if isinstance(parsed, _Unparsed) and parsed.line:
        where = f" (line {parsed.line}: {parsed.message})"
    problem = f"The parameters cell is not valid Python{where}, so it shows no parameters."
    return CellSource(lines, [], [], {}, [problem])


def _parse(text: str) -> list[ast.stmt] | _Unparsed:
    with _PARSING, python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        try:
            return ast.parse(text).body
        except SyntaxError as error:
            return _Unparsed(error.lineno or 0, error.msg)
        except (ValueError, RecursionError, MemoryError):
            return _Unparsed(0, "")


def _is_magic(line: str) -> bool:
    return _MAGIC.match(line[:MAGIC_MAX_CHARS]) is not None


def _comments(lines: list[str]) -> dict[int, _Comment]:
    comments: dict[int, _Comment] = {}
    reader = io.StringIO("\n".join(lines)).readline
    try:
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                alone = not lines[row - 1][:column].strip()
                comments[row] = _Comment(token.string.lstrip("#").strip(), alone)
    except (tokenize.TokenError, SyntaxError):
        # The compiler took what the tokenizer does not: the parameters stay, without help.
        pass
    return comments


def _attached(
    statements: list[ast.stmt], comments: dict[int, _Comment]
) -> tuple[list[list[str]], dict[int, str]]:
    """Return the comments of each statement, and those that are left over, by line."""
    stray = {line: comment.text for line, comment in comments.items()}
    attached = []
    floor = 0
    for statement in statements:
        last = statement.end_lineno or statement.lineno
        mine = []
        # A statement of one line has one end: dict.fromkeys drops the second.
        for line in dict.fromkeys((last, statement.lineno)):
            if line in comments and not comments[line].alone:
                mine.append(_without_directive(comments[line].text))
                stray.pop(line, None)
        above: list[str] = []
        line = statement.lineno - 1
        while line > floor and line in comments:
            above.append(_without_directive(comments[line].text))
            stray.pop(line, None)
            line -= 1
        mine.append(
            " ".join(text for text in reversed(above) if text and not _CAPTION.fullmatch(text))
        )
        attached.append([text for text in mine if text])
        floor = last
    return attached, stray


def _without_directive(text: str) -> str:
    """Drop what speaks to tools; of papermill's ``# type: int  help`` keep the help."""
    text = _TYPE_COMMENT.sub("", text, count=1) if text.startswith("type:") else text
    return "" if _DIRECTIVE.match(text) else text
