"""The injected cell: the given parameters as source text in the notebook's language.

Python literals are written here, since papermill turns tuples, sets and dates into strings; other
languages go through papermill's translators. The value of a secret is never in the text: the
cell reads it from the kernel's environment.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from papermill.exceptions import PapermillException
from papermill.translators import JuliaTranslator, PowershellTranslator, papermill_translators

from jupyter_mlops.domain.errors import InvalidParameter
from jupyter_mlops.secret_forms import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.domain.parameters import BoundParameter

INJECTED_TAG = "injected-parameters"
_COMMENT = "Parameters"

_PYTHON = frozenset({"python", "python3", "ipython"})
# How a program in each language reads an environment variable.
_READS = {
    "python": 'os.environ["{}"]',
    "r": 'Sys.getenv("{}")',
    "julia": 'ENV["{}"]',
    "bash": '"${}"',
    "scala": 'sys.env("{}")',
    "matlab": "getenv('{}')",
    "c#": 'System.Environment.GetEnvironmentVariable("{}")',
    "f#": 'System.Environment.GetEnvironmentVariable("{}")',
    "powershell": "$env:{}",
}


class _Julia(JuliaTranslator):  # type: ignore[misc]  # papermill has no types
    """Julia, whose strings must not interpolate what a value holds."""

    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        return str(super().translate_escaped_str(str_val)).replace("$", r"\$")


class _Powershell(PowershellTranslator):  # type: ignore[misc]  # papermill has no types
    """PowerShell, by strings that neither interpolate nor know escapes."""

    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        return "'" + str(str_val).replace("'", "''") + "'"


_OWN_TRANSLATORS = {"julia": _Julia, ".net-powershell": _Powershell, "powershell": _Powershell}


def injected_source(parameters: Sequence[BoundParameter], kernel_name: str, language: str) -> str:
    """Return the source of the injected cell for a kernel of ``language``.

    Raises InvalidParameter when the language cannot be written, or cannot hold a value.
    """
    if language.lower() in _PYTHON:
        return _python_source(parameters)
    translator = _translator(kernel_name, language, parameters[0].key)
    text = [str(translator.comment(_COMMENT)) + "\n"]
    for parameter in parameters:
        if parameter.secret:
            value = _read(language, parameter.key)
            text.append(f"{translator.assign(parameter.key, value)}\n")
            continue
        try:
            code = translator.codify({parameter.key: parameter.value}, "")
        except NotImplementedError:
            raise InvalidParameter(
                f"{parameter.key}: a value of type {parameter.type} cannot be given to a "
                f"{language} notebook.",
                key=parameter.key,
            ) from None
        # Past the (empty) comment with which each translation starts.
        text.append(code.split("\n", 1)[1])
    return "".join(text)


def _translator(kernel_name: str, language: str, key: str) -> Any:
    for name in (kernel_name, language, language.lower()):
        if name in _OWN_TRANSLATORS:
            return _OWN_TRANSLATORS[name]
    for name in (language, language.lower(), language.capitalize()):
        with suppress(PapermillException):
            return papermill_translators.find_translator(kernel_name, name)
    raise InvalidParameter(
        f"Parameters cannot be given to notebooks in {language or 'an unknown language'}.",
        key=key,
    )


def _read(language: str, key: str) -> str:
    try:
        return _READS[language.lower()].format(SECRET_PREFIX + key)
    except KeyError:
        raise InvalidParameter(
            f"{key}: a secret cannot be given to a {language} notebook.", key=key
        ) from None


def _python_source(parameters: Sequence[BoundParameter]) -> str:
    text = [f"# {_COMMENT}\n"]
    if any(parameter.secret for parameter in parameters):
        text.append("import os\n\n")
    for parameter in parameters:
        value = (
            _read("python", parameter.key)
            if parameter.secret
            else python_literal(parameter.type, parameter.value)
        )
        text.append(f"{parameter.key} = {value}\n")
    return "".join(text)


def python_literal(kind: str, value: Any) -> str:
    """Return the Python expression for a parameter of type ``kind`` with the JSON form ``value``.

    That is what `domain.parameter_values.fit` returned: floats are floats, moments as isoformat writes.

    Dates are built without an import: the notebook may use the name ``datetime`` otherwise.
    """
    if value is None:
        return "None"
    match kind:
        case "tuple":
            items = cast("list[Any]", value)
            return f"({', '.join(map(repr, items))}{',' if len(items) == 1 else ''})"
        case "set":
            return f"{{{', '.join(map(repr, value))}}}" if value else "set()"
        case "date":
            return f'__import__("datetime").{_call(date.fromisoformat(value))}'
        case "datetime":
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                return f'__import__("datetime").{_call(moment)}'
            return f'__import__("datetime").datetime.fromisoformat("{moment.isoformat()}")'
    return repr(value)


def _call(moment: date) -> str:
    """Return e.g. ``date(2024, 1, 31)``."""
    return repr(moment).removeprefix("datetime.")
