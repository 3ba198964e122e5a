"""Reading a Python parameters cell: its assignments become the fields of a form."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from jupyter_mlops.domain.cell_source import CellSource, read_source
from jupyter_mlops.domain.parameter_annotations import Annotation, read_annotation
from jupyter_mlops.domain.parameter_comments import holds_options, read_comments
from jupyter_mlops.domain.parameter_specs import Declaration, declare
from jupyter_mlops.domain.parameters import ParameterSpec

SOURCE_MAX_CHARS = 512 * 1024
_SILENT = (
    ast.Import
    | ast.ImportFrom
    | ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.ClassDef
    | ast.Expr
    | ast.Pass
)


@dataclass
class _Found:
    """The latest assignment of one name; what was said of it earlier stays in force."""

    line: int
    annotation: Annotation
    value: ast.expr | None
    comments: list[str]


def read_parameters_cell(source: str) -> tuple[list[ParameterSpec], list[str]]:
    """Return the parameters of a cell in the order written, and what could not be taken.

    A parameter is a plain or annotated assignment to one name at the top level. Nothing is run,
    and no text makes this raise: a cell that is not Python yields no parameters and a warning.
    """
    if len(source) > SOURCE_MAX_CHARS:
        return [], [f"The parameters cell is larger than {SOURCE_MAX_CHARS // 1024} kB."]
    cell = read_source(source)
    warnings = list(cell.warnings)
    found: dict[str, _Found] = {}
    for statement, comments in zip(cell.statements, cell.comments, strict=True):
        _take(statement, comments, found, warnings)
    warnings.extend(
        f"Line {line}: these options belong to no parameter; write them at the end of its line,"
        " or directly above."
        for line, text in cell.stray.items()
        if holds_options(text)
    )
    specs = []
    for key, item in found.items():
        spec, problems = _spec(key, item, cell)
        specs.append(spec)
        warnings.extend(f"Line {item.line}: {key}: {problem}." for problem in problems)
    return specs, warnings


def _take(
    statement: ast.stmt, comments: list[str], found: dict[str, _Found], warnings: list[str]
) -> None:
    """Add what one statement assigns to ``found``, or a warning when it is no parameter."""
    line = statement.lineno
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _remember(found, name, _Found(line, read_annotation(None), value, comments))
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            _remember(found, name, _Found(line, read_annotation(annotation), value, comments))
        case ast.Assign(targets=[_, _, *_]):
            warnings.append(
                f"Line {line}: a chain (a = b = 1) is no parameter; write one line for each name."
            )
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            warnings.append(
                f"Line {line}: unpacking (a, b = 1, 2) is no parameter;"
                " write one line for each name."
            )
        case ast.Delete(targets=targets):
            for target in targets:
                if isinstance(target, ast.Name):
                    found.pop(target.id, None)
        case _ if not isinstance(statement, _SILENT):
            warnings.append(
                f"Line {line}: only plain assignments such as alpha = 0.1 become parameters."
            )


def _remember(found: dict[str, _Found], name: str, item: _Found) -> None:
    earlier = found.get(name)
    if earlier is not None:
        if item.annotation.type is None:
            item.annotation = earlier.annotation
        if item.value is None:
            item.value = earlier.value
        item.comments = [*item.comments, *earlier.comments]
    found[name] = item


def _spec(key: str, item: _Found, cell: CellSource) -> tuple[ParameterSpec, list[str]]:
    options, problems = read_comments(item.comments)
    text = "" if item.value is None else cell.text_of(item.value)
    spec, more = declare(Declaration(key, item.annotation, item.value, options, text))
    return spec, problems + more
