from __future__ import annotations

import base64
import json
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.execution.masking import Masker, StreamMask

SECRET = "pa$$ w/rd+é-1234"


def masker() -> Masker:
    return Masker({"password": SECRET})


@pytest.mark.parametrize(
    "disguised",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        json.dumps(SECRET),
        repr(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"user:" + SECRET.encode()).decode(),
        base64.b64encode(b"u:" + SECRET.encode() + b"!").decode(),
        base64.b64encode(b"u" + SECRET.encode() + b"!!").decode(),
    ],
)
def test_a_secret_is_masked_in_each_of_its_disguises(disguised: str) -> None:
    mask = masker()
    masked = mask.text(f"before {disguised} after")
    assert "***" in masked
    assert SECRET not in masked
    assert base64.b64encode(SECRET.encode()).decode()[4:-4] not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert mask.count == 1


def test_a_short_secret_is_left_alone_and_named() -> None:
    mask = Masker({"pin": "1234", "empty": ""})
    assert mask.text("1234") == "1234"
    assert not mask
    assert mask.unmasked == ["pin"]


def test_secrets_in_keys_lists_and_split_lines_are_masked() -> None:
    mask = Masker({"token": "abcdefgh\nijklmnop"})
    masked = mask.tree(
        {"abcdefgh\nijklmnop": [1, "xabcdefgh\nijklmnopy"], "text": ["abcdefgh\n", "ijklmnop"]}
    )
    assert masked == {"***": [1, "x***y"], "text": ["***"]}
    assert mask.count == 3


def test_the_longer_of_two_nested_secrets_wins() -> None:
    mask = Masker({"a": "password", "b": "password-long"})
    assert mask.text("password-long password") == "*** ***"


def test_text_without_a_secret_flows_without_delay() -> None:
    stream = StreamMask(masker())
    assert stream.feed("epoch 1\n") == "epoch 1\n"
    assert stream.feed("pa") == ""
    assert stream.feed("th\n") == "path\n"
    assert stream.finish() == ""


@given(st.lists(st.integers(0, 60), max_size=8), st.text(max_size=12), st.text(max_size=12))
def test_a_secret_cut_into_pieces_is_masked_all_the_same(
    cuts: list[int], before: str, after: str
) -> None:
    whole = f"{before}{SECRET}{after}{SECRET}"
    mask = masker()
    stream = StreamMask(mask)
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    shown = "".join(stream.feed(whole[start:end]) for start, end in pairwise(edges))
    shown += stream.finish()
    assert SECRET not in shown
    assert shown == masker().text(whole)
    assert mask.count == 2
