"""What comments say of a parameter: help text, and options such as ``{min: 0, max: 1}``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from jupyter_mlops.domain.parameter_values import INT_MAX, INT_MIN

HELP_MAX_CHARS = 1_000
COMMENT_MAX_CHARS = 4_000
ATTEMPTS_MAX = 4
DEPTH_MAX = 8

_T = TypeVar("_T")
_KEYS = frozenset({"choices", "min", "max", "secret", "help"})
_MEANT_AS_OPTIONS = re.compile(r"\{\s*['\"]?(?:choices|min|max|secret|help)['\"]?\s*:")
_MEANT_AS_SECRET = re.compile(r"\{[^{}]*\bsecret['\"]?\s*:")
_WORDS: dict[str, Any] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "None": None,
    "~": None,
}


@dataclass(frozen=True)
class Options:
    """Help and limits from one comment; ``secret`` is None when nothing is said of it."""

    help: str = ""
    choices: list[Any] | None = None
    minimum: float | None = None
    maximum: float | None = None
    secret: bool | None = None


def read_comments(texts: list[str]) -> tuple[Options, list[str]]:
    """Return what all comments of a parameter say together, and what is wrong with them.

    ``texts`` are the nearest first, which count where two contradict each other; but what any of
    them calls a secret is one.
    """
    said: list[Options] = []
    problems: list[str] = []
    for text in texts:
        options, more = read_comment(text)
        said.append(options)
        problems += more
    secret = _nearest("secret", [each.secret for each in said], problems)
    return (
        Options(
            help=next((each.help for each in said if each.help), ""),
            choices=_nearest("choices", [each.choices for each in said], problems),
            minimum=_nearest("min", [each.minimum for each in said], problems),
            maximum=_nearest("max", [each.maximum for each in said], problems),
            secret=secret if secret is None else any(each.secret for each in said),
        ),
        problems,
    )


def _nearest(key: str, values: list[_T | None], problems: list[str]) -> _T | None:
    given = [value for value in values if value is not None]
    if any(value != given[0] for value in given):
        problems.append(f"its comments contradict each other in {key}")
    return given[0] if given else None


def holds_options(text: str) -> bool:
    """Tell whether a comment is meant to say more than help."""
    return _MEANT_AS_OPTIONS.search(text[:COMMENT_MAX_CHARS]) is not None


def read_comment(text: str) -> tuple[Options, list[str]]:
    """Return the options in a comment (without its ``#``) and what is wrong with them.

    Options are one flow mapping as in YAML, anywhere in the comment: ``{choices: [a, b]}``,
    ``{min: 0, max: 1, secret: true, help: "..."}``. The rest of the comment is the help text.
    """
    text = text[:COMMENT_MAX_CHARS]
    starts = [match.start() for match in re.finditer(r"\{", text)]
    for start in starts[:ATTEMPTS_MAX]:
        reader = _FlowReader(text, start)
        try:
            mapping = reader.value()
        except _UnreadableError:
            continue
        if _KEYS & mapping.keys() or "@param" in text[:start]:
            rest = f"{text[:start].rstrip()} {text[reader.position :].lstrip()}"
            return _options(mapping, rest)
    if _MEANT_AS_OPTIONS.search(text):
        # Better a field too secret than a secret shown because of a forgotten bracket.
        secret = True if _MEANT_AS_SECRET.search(text) else None
        problem = "its options cannot be read; write them as {choices: [a, b], min: 0, max: 1}"
        return Options(secret=secret), [problem]
    return Options(help=_clean(text)), []


def _options(mapping: dict[str, Any], rest: str) -> tuple[Options, list[str]]:
    problems = [
        f"the option {key[:40]} is not known; there are choices, min, max, secret and help"
        for key in mapping
        if key not in _KEYS and "@param" not in rest
    ]
    choices = mapping.get("choices")
    if choices is not None and (not isinstance(choices, list) or not choices):
        problems.append("its choices are not a list of values")
        choices = None
    bounds: dict[str, float | None] = {}
    for key in ("min", "max"):
        bound = mapping.get(key)
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, (int, float))):
            problems.append(f"its {key} is not a number")
            bound = None
        bounds[key] = bound
    secret = None if "secret" not in mapping else _means_yes(mapping["secret"])
    help_text = mapping.get("help")
    return (
        Options(
            help=_clean(help_text if isinstance(help_text, str) else rest),
            choices=choices,
            minimum=bounds["min"],
            maximum=bounds["max"],
            secret=secret,
        ),
        problems,
    )


def _means_yes(value: Any) -> bool:
    return str(value).lower() not in ("false", "no", "off", "0")


def _clean(text: str) -> str:
    """Drop what frames a comment: rules of dashes, and the mark of a Colab form."""
    text = text.strip().removeprefix("@param").strip().strip("-=*#").strip()
    return text[:HELP_MAX_CHARS] if any(char.isalnum() for char in text) else ""


class _UnreadableError(Exception):
    """The text is no flow mapping."""


class _FlowReader:
    """Reads one value of YAML's flow style; plain scalars end at ``,``, ``]`` or ``}``."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self.position = position

    def value(self, depth: int = DEPTH_MAX) -> Any:
        if depth == 0:
            raise _UnreadableError
        match self._peek():
            case "{":
                return self._mapping(depth)
            case "[":
                return self._list(depth)
            case '"' | "'":
                return self._quoted()
        return _scalar(self._plain(",]}"))

    def _peek(self) -> str:
        while self.position < len(self._text) and self._text[self.position].isspace():
            self.position += 1
        return self._text[self.position : self.position + 1]

    def _take(self, char: str) -> bool:
        taken = self._peek() == char
        self.position += taken
        return taken

    def _mapping(self, depth: int) -> dict[str, Any]:
        self._take("{")
        mapping: dict[str, Any] = {}
        while not self._take("}"):
            key = self._quoted() if self._peek() in ('"', "'") else self._plain(":,]}")
            if not key or not self._take(":"):
                raise _UnreadableError
            mapping[key] = self.value(depth - 1)
            self._separator("}")
        return mapping

    def _list(self, depth: int) -> list[Any]:
        self._take("[")
        items: list[Any] = []
        while not self._take("]"):
            items.append(self.value(depth - 1))
            self._separator("]")
        return items

    def _separator(self, end: str) -> None:
        if not self._take(",") and self._peek() != end:
            raise _UnreadableError

    def _quoted(self) -> str:
        quote = self._peek()
        self.position += 1
        taken: list[str] = []
        while self.position < len(self._text):
            char = self._text[self.position]
            self.position += 1
            if char == quote:
                if quote == "'" and self._text[self.position : self.position + 1] == "'":
                    self.position += 1
                else:
                    return "".join(taken)
            elif char == "\\" and quote == '"':
                char = self._text[self.position : self.position + 1]
                self.position += 1
            taken.append(char)
        raise _UnreadableError

    def _plain(self, end: str) -> str:
        self._peek()
        start = self.position
        while self.position < len(self._text) and self._text[self.position] not in end:
            self.position += 1
        return self._text[start : self.position].rstrip()


def _scalar(text: str) -> Any:
    if not text:
        raise _UnreadableError
    if text in _WORDS:
        return _WORDS[text]
    for read in (int, float):
        try:
            number: int | float = read(text)
        except ValueError:
            continue
        if math.isfinite(number) and (read is float or INT_MIN <= number <= INT_MAX):
            return number
    return text
