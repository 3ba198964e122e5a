"""Batches: what fits into one request, and how what is refused is singled out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from jupyter_mlops.transfer.batches import BATCH_BYTES, Item, log_all, pieces
from jupyter_mlops.transfer.link import Refusal


def numbered(count: int) -> list[Item]:
    return [{"key": str(number), "value": "x"} for number in range(count)]


def test_a_piece_holds_no_more_than_a_server_takes() -> None:
    assert [len(piece) for piece in pieces(numbered(250), 100)] == [100, 100, 50]
    large: list[Item] = [{"key": "k", "value": "x" * (BATCH_BYTES // 3)}] * 5
    assert [len(piece) for piece in pieces(large, 100)] == [2, 2, 1]
    assert list(pieces([], 100)) == []


def test_only_what_is_to_blame_is_left_out() -> None:
    taken: list[str] = []
    refused: list[str] = []

    def send(items: Sequence[Item]) -> None:
        if any(item["key"] in ("3", "8") for item in items):
            raise Refusal("bad key", code="INVALID_PARAMETER_VALUE", status=400)
        taken.extend(str(item["key"]) for item in items)

    count = log_all(
        send, numbered(10), lambda item, reason: refused.append(f"{item['key']} {reason}")
    )
    assert count == 8
    assert sorted(taken) == ["0", "1", "2", "4", "5", "6", "7", "9"]
    assert refused == ["3 bad key", "8 bad key"]


def test_a_full_disk_is_nobodys_fault() -> None:
    def send(items: Sequence[Item]) -> None:
        raise Refusal("full", code="INVALID_STATE", status=507)

    with pytest.raises(Refusal, match="full"):
        log_all(send, numbered(2), lambda item, reason: None)
