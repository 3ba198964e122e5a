"""The order texts of a search, or the order objects of logged models, become typed orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.search_names import check_key, read_name
from jupyter_mlops.domain.search_nouns import LOGGED_MODELS, Noun, Orders
from jupyter_mlops.domain.search_terms import Order
from jupyter_mlops.domain.search_tokens import check_text, tokenize, unquoted

ORDER_MAX_CLAUSES = 32
CLAUSE_MAX_CHARS = 1_000

_DESCENDING = {"ASC": False, "DESC": True}


@dataclass(frozen=True)
class OrderClause:
    """One key of the order of logged models, as the protocol sends it."""

    field_name: str | None = None
    ascending: bool | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


def parse_order(clauses: Sequence[str], noun: Noun) -> tuple[Order, ...]:
    """Return the whole order of a search, the keys that break ties included.

    A clause is a name as in filters, and ``ASC`` or ``DESC``; InvalidRequest if it is not.
    """
    _check_number(clauses)
    return _completed([_parse_clause(clause, noun.orders) for clause in clauses], noun.orders)


def logged_model_order(clauses: Sequence[OrderClause]) -> tuple[Order, ...]:
    """Return the whole order of a search for logged models, the keys that break ties included."""
    _check_number(clauses)
    return _completed([_logged_model_key(clause) for clause in clauses], LOGGED_MODELS.orders)


def _parse_clause(clause: str, orders: Orders) -> Order:
    check_text(clause, CLAUSE_MAX_CHARS, "order_by")
    tokens = tokenize(clause)
    if not 1 <= len(tokens) <= 2 or any(token.kind != "name" for token in tokens):
        raise _refused("Invalid order_by clause. Could not be parsed.")
    parts = tokens[0].parts
    descending = False
    if len(tokens) == 2:
        if tokens[1].word not in _DESCENDING:
            raise _refused("Invalid ordering key in order_by clause. It is ASC or DESC.")
        descending = _DESCENDING[tokens[1].word]
        # With a direction MLflow takes off all quotes before it looks for the dot.
        parts = tuple(".".join(unquoted(part, "`\"'") for part in parts).split(".", 1))
    try:
        return replace(_named(parts, orders), descending=descending)
    except InvalidRequest as refusal:
        refusal.field = "order_by"
        raise


def _named(parts: tuple[str, ...], orders: Orders) -> Order:
    if not orders.prefixes:
        key = orders.attributes.get(".".join(parts))
        if key is None:
            known = ", ".join(orders.attributes)
            raise InvalidRequest(f"Invalid order by key specified. Valid keys are {known}.")
        return Order("attribute", key)
    name = read_name(parts, orders.prefixes, quoted_prefixes=orders.quoted_prefixes)
    if name.entity in orders.free:
        return Order(name.entity, name.key)
    if name.entity != "attribute":
        raise InvalidRequest(f"Invalid order_by entity: {name.entity}.")
    check_key(name, orders.attributes, quoted=True)
    return Order("attribute", orders.attributes[name.key])


def _logged_model_key(clause: OrderClause) -> Order:
    orders = LOGGED_MODELS.orders
    if not clause.field_name:
        raise _refused("`field_name` in the `order_by` clause must be specified.")
    for text in (clause.field_name, clause.dataset_name, clause.dataset_digest):
        check_text(text or "", CLAUSE_MAX_CHARS, "order_by")
    descending = clause.ascending is False
    # No quotes here: what follows the dot is the key.
    prefix, dot, key = clause.field_name.partition(".")
    if not dot and prefix in orders.attributes:
        return Order("attribute", orders.attributes[prefix], descending)
    if dot and key and prefix in orders.prefixes:
        return Order(
            orders.prefixes[prefix],
            key,
            descending,
            dataset_name=clause.dataset_name or None,
            dataset_digest=clause.dataset_digest or None,
        )
    known = ", ".join(orders.attributes)
    raise _refused(f"Invalid order by field name. Valid are metrics.<key>, {known}.")


def _completed(wanted: list[Order], orders: Orders) -> tuple[Order, ...]:
    completed: dict[Order, Order] = {}
    for order in wanted or orders.default:
        thing = replace(order, descending=False)
        if thing in completed and not orders.repeats:
            raise _refused("`order_by` contains duplicate fields.")
        completed.setdefault(thing, order)
    for order in orders.ties:
        completed.setdefault(replace(order, descending=False), order)
    return tuple(completed.values())


def _check_number(clauses: Sequence[object]) -> None:
    if len(clauses) > ORDER_MAX_CLAUSES:
        raise _refused(f"Invalid order_by. It has more than {ORDER_MAX_CLAUSES} clauses.")


def _refused(message: str) -> InvalidRequest:
    return InvalidRequest(message, field="order_by")
