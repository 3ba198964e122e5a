"""The kernel's copy of the naming rules decides as the domain does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain import names as domain
from jupyter_mlops.domain.errors import InvalidName
from jupyter_mlops.kernel import names as kernel

HOSTILE = [
    "", ".", "..", "../a", "a/../b", "/a", "a/", "a//b", "a\\b", "c:", "a%2e", "a#b", "a?b", "a;b",
    'a"b', "a<b", "a|b", "a*b", "a\x00b", "a\nb", "\u202eb", "a\u200db", "e\u0301", "é", ".hidden",
    "a/.b", "a.", "a ", " a", "~a", "CON", "con.txt", "a/NUL", "COM1", "COM¹", "LPT0.x", "CONIN$",
    "x" * 250, "x" * 251, "x" * 255, "x" * 256, "é" * 128, "a/" * 511 + "ab", "a/" * 512 + "ab",
    "loss", "val/loss", "top-5 acc.", "a:b", "métrique", "损失", "😀", "\ud800",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=30),
    st.text(alphabet="ab./:\\ ~-_é\u0301\u202eCON1", max_size=12),
)


def refused(rule: Callable[[str], object], text: str) -> bool:
    try:
        rule(text)
    except (InvalidName, UnicodeEncodeError):
        return True
    return False


@given(TEXTS)
def test_a_key_is_refused_exactly_when_the_domain_refuses_it(text: str) -> None:
    assert (kernel.fault_of_key(text) is not None) == refused(domain.key, text)


@given(TEXTS)
def test_a_path_is_refused_exactly_when_the_domain_refuses_it(text: str) -> None:
    assert (kernel.fault_of_path(text) is not None) == refused(domain.logical_path, text)


@given(TEXTS)
def test_a_label_is_refused_exactly_when_the_domain_refuses_it(text: str) -> None:
    assert (kernel.fault_of_label(text) is not None) == refused(domain.label, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_name_is_judged_as_the_domain_judges_it(text: str) -> None:
    assert (kernel.fault_of_key(text) is not None) == refused(domain.key, text)
    assert (kernel.fault_of_path(text) is not None) == refused(domain.logical_path, text)


@pytest.mark.parametrize("given", [None, 3, b"key", ["a"]])
def test_what_is_not_text_is_no_name(given: object) -> None:
    for rule in (kernel.fault_of_key, kernel.fault_of_path, kernel.fault_of_label):
        assert rule(given) == "it is not text"
