"""The filter text of a search becomes typed conditions, in MLflow's grammar or in the wider one."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.like_patterns import PATTERN_MAX_CHARS
from jupyter_mlops.domain.search_names import Name, check_key, read_name
from jupyter_mlops.domain.search_nouns import Field, Noun
from jupyter_mlops.domain.search_terms import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    Value,
)
from jupyter_mlops.domain.search_tokens import Token, check_text, tokenize
from jupyter_mlops.domain.search_values import read_list, read_value

FILTER_MAX_CHARS = 200_000
FILTER_MAX_COMPARISONS = 64
FILTER_MAX_DEPTH = 16

_END = Token("stray", "")
_OPERATORS: dict[str, Operator] = {operator: operator for operator in get_args(Operator)}


def parse_filter(text: str, noun: Noun, *, extended: bool = False) -> AllOf:
    """Return the conditions that ``text`` sets for ``noun``; InvalidRequest if it is no filter.

    Conditions are joined by AND, which may be left out or be one too many, as in MLflow.
    ``extended`` adds OR, NOT, parentheses and BETWEEN: NOT binds closer than AND, AND than OR.
    """
    if not text:
        return AllOf(())
    check_text(text, FILTER_MAX_CHARS, "filter")
    tokens = tokenize(text)
    if not tokens:
        raise InvalidRequest("Invalid filter. Could not be parsed.", field="filter")
    try:
        return _Parser(tokens, noun, extended=extended).whole()
    except InvalidRequest as refusal:
        refusal.field = "filter"
        raise


class _Parser:
    """One walk over the tokens; every method leaves off behind what it read."""

    def __init__(self, tokens: list[Token], noun: Noun, *, extended: bool) -> None:
        self._tokens = tokens
        self._at = 0
        self._noun = noun
        self._extended = extended
        self._comparisons = 0

    def whole(self) -> AllOf:
        condition = self._any_of(depth=0)
        if self._at < len(self._tokens):
            raise self._unexpected()
        return condition if isinstance(condition, AllOf) else AllOf((condition,))

    def _any_of(self, depth: int) -> Condition:
        alternatives = [self._all_of(depth)]
        while self._extended and self._peek().word == "OR":
            self._at += 1
            alternatives.append(self._all_of(depth))
        if len(alternatives) == 1:
            return alternatives[0]
        if AllOf(()) in alternatives:
            raise InvalidRequest("Invalid filter string. A condition is missing beside OR.")
        return AnyOf(tuple(alternatives))

    def _all_of(self, depth: int) -> Condition:
        conditions: list[Condition] = []
        while self._at < len(self._tokens):
            token = self._peek()
            if token.word == "AND":
                self._at += 1
            elif self._extended and (token.word == "OR" or token.kind == ")"):
                break
            else:
                conditions.append(self._condition(depth))
        return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))

    def _condition(self, depth: int) -> Condition:
        token = self._peek()
        if not self._extended or (token.word != "NOT" and token.kind != "("):
            return self._comparison()
        if depth >= FILTER_MAX_DEPTH:
            raise InvalidRequest(
                f"Invalid filter string. It is nested deeper than {FILTER_MAX_DEPTH}."
            )
        self._at += 1
        if token.word == "NOT":
            return Not(self._condition(depth + 1))
        condition = self._any_of(depth + 1)
        if self._take().kind != ")" or condition == AllOf(()):
            raise InvalidRequest("Invalid filter string. Parentheses hold at least one condition.")
        return condition

    def _comparison(self) -> Condition:
        self._count()
        left = self._peek()
        if left.kind in {"text", "number"} and self._peek(1).kind == "operator":
            raise InvalidRequest("Invalid comparison clause. Expected an identifier on the left.")
        if left.kind != "name":
            raise self._unexpected()
        self._at += 1
        operator = self._operator()
        name, field = self._identified(left)
        if operator == "BETWEEN":
            return self._between(name, field)
        if operator in {"IS NULL", "IS NOT NULL"}:
            if operator not in field.operators:
                raise self._no_null()
            return _compared(name, field, operator, None)
        if operator in {"IN", "NOT IN"}:
            return _compared(name, field, operator, self._list(name, field))
        return _compared(name, field, operator, self._value(name, field))

    def _operator(self) -> str:
        """Take the operator, one that nothing knows as well; ``NOT LIKE`` is one of those."""
        token = self._peek()
        words = tuple(self._peek(ahead).word for ahead in range(3))
        if token.kind == "operator":
            found, length = token.source, 1
        elif words[0] in {"LIKE", "ILIKE", "RLIKE", "REGEXP", "IN"}:
            found, length = words[0], 1
        elif words[0] == "NOT" and words[1] in {"LIKE", "ILIKE", "RLIKE", "REGEXP", "IN"}:
            found, length = f"NOT {words[1]}", 2
        elif words[:2] == ("IS", "NULL"):
            found, length = "IS NULL", 2
        elif words == ("IS", "NOT", "NULL"):
            found, length = "IS NOT NULL", 3
        elif self._extended and words[0] == "BETWEEN":
            found, length = "BETWEEN", 1
        else:
            raise self._unexpected()
        self._at += length
        return found

    def _identified(self, token: Token) -> tuple[Name, Field]:
        filters = self._noun.filters
        name = read_name(token.parts, filters.prefixes, quoted_prefixes=filters.quoted_prefixes)
        free = filters.free.get(name.entity)
        if free is not None:
            return name, free
        known = filters.named[name.entity]
        check_key(name, known, quoted=filters.quoted_attributes)
        named = known[name.key]
        return replace(name, key=named.key), named.field

    def _between(self, name: Name, field: Field) -> Condition:
        self._count()
        low = self._value(name, field)
        if self._take().word != "AND":
            raise InvalidRequest("Invalid comparison clause. BETWEEN takes two values with AND.")
        high = self._value(name, field)
        return AllOf((_compared(name, field, ">=", low), _compared(name, field, "<=", high)))

    def _value(self, name: Name, field: Field) -> Value:
        return read_value(self._take(), field.kind, name, bare=self._noun.filters.bare_values)

    def _list(self, name: Name, field: Field) -> Value:
        opening = self._take()
        if opening.kind != "(":
            self._at -= 1
            raise self._unexpected()
        if "IN" not in field.operators:
            if field.kind == "text" and name.entity == "attribute":
                raise self._no_list()
            return read_value(opening, field.kind, name, bare=False)  # says what it takes
        start = self._at
        while self._peek().kind in {"text", "name", "number", ","}:
            self._at += 1
        tokens = self._tokens[start : self._at]
        if self._take().kind != ")":
            self._at -= 1
            raise self._unexpected()
        return read_list(tokens, field.kind)

    def _count(self) -> None:
        self._comparisons += 1
        if self._comparisons > FILTER_MAX_COMPARISONS:
            raise InvalidRequest(
                f"Invalid filter string. It has more than {FILTER_MAX_COMPARISONS} comparisons."
            )

    def _peek(self, ahead: int = 0) -> Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _unexpected(self) -> InvalidRequest:
        if self._peek().source == ";" and self._at + 1 < len(self._tokens):
            return InvalidRequest(
                "Search filter contained multiple expression. Provide AND-ed expression list."
            )
        joined = (
            "Conditions are joined by AND, OR and NOT"
            if self._extended
            else "Conditions are joined by AND alone"
        )
        return InvalidRequest(
            f"Invalid clause(s) in filter string. {joined}; text stands in quotes, a key with "
            "anything but letters, digits, underscores and dots in backticks."
        )

    def _no_null(self) -> InvalidRequest:
        filters = self._noun.filters
        able = [entity for entity, field in filters.free.items() if "IS NULL" in field.operators]
        if not able:
            return InvalidRequest(
                f"IS NULL / IS NOT NULL is not supported for {self._noun.title} search."
            )
        return InvalidRequest(f"IS NULL / IS NOT NULL is only supported for {' and '.join(able)}.")

    def _no_list(self) -> InvalidRequest:
        attributes = self._noun.filters.named["attribute"]
        able = [key for key, named in attributes.items() if "IN" in named.field.operators]
        return InvalidRequest(
            f"Only {able} attributes support comparison with a list of quoted string values."
        )


def _compared(name: Name, field: Field, operator: str, value: Value) -> Comparison:
    known = _OPERATORS.get(operator)
    if known is None or known not in field.operators:
        raise InvalidRequest(
            f"Invalid comparator. It is not one of {', '.join(sorted(field.operators))}."
        )
    if known in {"LIKE", "ILIKE"} and isinstance(value, str) and len(value) > PATTERN_MAX_CHARS:
        raise InvalidRequest(
            f"Invalid filter string. A pattern has at most {PATTERN_MAX_CHARS} characters."
        )
    return Comparison(name.entity, name.key, known, value)
