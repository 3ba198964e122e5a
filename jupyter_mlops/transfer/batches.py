"""What a run logged in pieces that a server takes in one request; what is refused is singled out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from jupyter_mlops.transfer.destination import is_passing
from jupyter_mlops.transfer.link import Refusal

Item = Mapping[str, object]
# MLflow's servers take a million bytes.
BATCH_BYTES = 900_000
BATCH_ITEMS = {"metrics": 1_000, "params": 100, "tags": 100}


def pieces(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Yield items in lists of at most ``most`` that fit into one request."""
    piece: list[Item] = []
    size = 0
    for item in items:
        cost = len(json.dumps(item)) + 2
        if piece and (len(piece) >= most or size + cost > BATCH_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(item)
        size += cost
    if piece:
        yield piece


def log_all(
    send: Callable[[Sequence[Item]], None],
    items: Sequence[Item],
    refused: Callable[[Item, str], None],
) -> int:
    """Send items together; when they are refused, by halves, down to those that are to blame.

    Returns how many were taken. Raises what says nothing of the items, such as a server that is away.
    """
    if not items:
        return 0
    try:
        send(items)
    except Refusal as error:
        if is_passing(error):
            raise
        if len(items) == 1:
            refused(items[0], error.message)
            return 0
        middle = len(items) // 2
        return sum(log_all(send, half, refused) for half in (items[:middle], items[middle:]))
    return len(items)
