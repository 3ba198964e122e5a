"""A search text becomes tokens: one pass without backtracking, and no text makes it fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_mlops.domain.errors import InvalidRequest

TokenKind = Literal["name", "text", "number", "operator", "(", ")", ",", "stray"]

_PUNCTUATION: dict[str, TokenKind] = {"(": "(", ")": ")", ",": ","}
_QUOTES = frozenset("`'\"")
_OPERATOR_CHARS = frozenset("<>=~!")
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True)
class Token:
    """One token as it was written.

    ``name``: words and quoted pieces joined by dots; ``parts`` is what stands between the dots.
    ``text``: a string in single quotes; one in double quotes is a ``name``, for it may be either.
    ``stray``: what starts no token, e.g. ``;`` or a quote that is never closed.
    """

    kind: TokenKind
    source: str
    parts: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The upper-case word when the token is a single unquoted one, else an empty string."""
        if len(self.parts) == 1 and self.is_bare:
            return self.source.upper()
        return ""

    @property
    def is_bare(self) -> bool:
        """Whether the token is a name or a number and none of it is in quotes."""
        return self.kind in {"name", "number"} and _QUOTES.isdisjoint(self.source)

    @property
    def is_string(self) -> bool:
        """Whether the token is one piece in single or double quotes."""
        return self.kind == "text" or (len(self.parts) == 1 and self.source[0] == '"')


def check_text(text: str, max_chars: int, what: str) -> None:
    """Raise InvalidRequest if ``text`` is too long, or holds what no database stores."""
    if len(text) > max_chars:
        raise InvalidRequest(
            f"Invalid {what}. It has more than {max_chars} characters.", field=what
        )
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidRequest(f"Invalid {what}. It holds characters that no text has.", field=what)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of ``text``, whose sources cover it but for blanks."""
    tokens = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token_at(text, at)
        tokens.append(token)
        at += len(token.source)
    return tokens


def unquoted(piece: str, quotes: str) -> str:
    """Return ``piece`` without the pair of one of the ``quotes`` around it, if there is one.

    Doubled quotes inside stay as they are, as MLflow leaves them.
    """
    if len(piece) >= 2 and piece[0] == piece[-1] and piece[0] in quotes:
        return piece[1:-1]
    return piece


def _token_at(text: str, at: int) -> Token:
    char = text[at]
    if char in _PUNCTUATION:
        return Token(_PUNCTUATION[char], char)
    if char in _OPERATOR_CHARS:
        return Token("operator", text[at : _run_end(text, at, _OPERATOR_CHARS)])
    if char == "'":
        end = _quote_end(text, at)
        return _stray(text, at) if end is None else Token("text", text[at:end])
    if _is_number_start(text, at):
        return _number_at(text, at)
    if _is_word_char(char) or char in '`"':
        return _name_at(text, at)
    return Token("stray", char)


def _name_at(text: str, at: int) -> Token:
    parts: list[str] = []
    start = at
    while True:
        end = _part_end(text, start)
        if end is None:
            return _stray(text, at)
        parts.append(text[start:end])
        if text[end : end + 1] != ".":
            return Token("name", text[at:end], tuple(parts))
        start = end + 1


def _part_end(text: str, start: int) -> int | None:
    """Return the end of the part of a name at ``start``, which may be empty; None if never closed.

    Like any word it may begin with a digit, where MLflow takes some for numbers: ``metrics.12th``.
    """
    char = text[start : start + 1]
    if char and char in "`\"'":
        return _quote_end(text, start)
    end = start
    while end < len(text) and _is_word_char(text[end]):
        end += 1
    return end


def _is_number_start(text: str, at: int) -> bool:
    start = at + 1 if text[at] == "-" else at
    if text[start : start + 1] == ".":
        start += 1
    return text[start : start + 1] in _DIGITS


def _number_at(text: str, at: int) -> Token:
    """Return the number at ``at`` as MLflow spells it: ``-1``, ``1.5``, ``5.``, ``.5``, ``1e-3``."""
    whole = at + 1 if text[at] == "-" else at
    end = _run_end(text, whole, _DIGITS)
    may_have_exponent = end > whole
    if text[end : end + 1] == ".":
        fraction = end + 1
        end = _run_end(text, fraction, _DIGITS)
        may_have_exponent = may_have_exponent and end > fraction
    if may_have_exponent and text[end : end + 1] in ("e", "E"):
        exponent = end + 2 if text[end + 1 : end + 2] == "-" else end + 1
        exponent_end = _run_end(text, exponent, _DIGITS)
        end = exponent_end if exponent_end > exponent else end
    if end < len(text) and _is_word_char(text[end]):
        return _stray(text, at)
    return Token("number", text[at:end])


def _quote_end(text: str, start: int) -> int | None:
    """Return the end of the quoted piece at ``start``; None when it is never closed.

    As in MLflow a doubled quote does not close it, nor, but for backticks, one after a backslash;
    where no other quote follows, the last of these does.
    """
    quote = text[start]
    last = None
    at = text.find(quote, start + 1)
    while at >= 0:
        if quote != "`" and text[at - 1] == "\\":
            last = at + 1
            at = text.find(quote, at + 1)
        elif text[at + 1 : at + 2] == quote:
            last = at + 1
            at = text.find(quote, at + 2)
        else:
            return at + 1
    return last


def _stray(text: str, at: int) -> Token:
    """Return all that is left as one token: whoever reads it stops there."""
    return Token("stray", text[at:])


def _run_end(text: str, at: int, chars: frozenset[str]) -> int:
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def _is_word_char(char: str) -> bool:
    return char.isalnum() or char == "_"
