"""What of a message is kept, whatever its head said of it."""

from __future__ import annotations

import pytest
from tornado.httputil import HTTPHeaders

from jupyter_mlops.server.message import Message, declared_length


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("0", 0),
        ("17", 17),
        ("00000000000000000041943040", 41_943_040),
        ("9" * 400, 10**16 - 1),
        ("0" * 400, 0),
        ("", None),
        ("-1", None),
        ("1,1", None),
        ("1.5", None),
    ],
)
def test_a_declared_length_is_read_however_it_is_written(written: str, length: int | None) -> None:
    assert declared_length(HTTPHeaders({"Content-Length": written})) == length


def test_what_is_not_declared_has_no_length() -> None:
    assert declared_length(HTTPHeaders()) is None


def test_a_message_is_kept_up_to_one_piece_too_much() -> None:
    message = Message(10)
    for _ in range(3):
        message.add(b"12345")
    assert bytes(message) == b"123451234512345"
    message.add(b"12345")
    assert bytes(message) == b"123451234512345"
