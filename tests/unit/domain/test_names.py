from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.domain import names
from jupyter_mlops.domain.errors import InvalidName
from tests.hostile_names import hostile_names

ROOT = "/srv/root"


def is_refused(rule: Callable[[str], str], text: str) -> bool:
    try:
        rule(text)
    except InvalidName:
        return True
    return False


def test_the_corpus_is_whole() -> None:
    corpus = hostile_names()
    assert len(set(corpus)) == len(corpus) == 400


@pytest.mark.parametrize("text", hostile_names(), ids=ascii)
def test_a_hostile_name_is_no_logical_path(text: str) -> None:
    with pytest.raises(InvalidName):
        names.logical_path(text)


@pytest.mark.parametrize("text", hostile_names(), ids=ascii)
def test_a_refusal_names_its_field_and_does_not_repeat_the_name(text: str) -> None:
    with pytest.raises(InvalidName) as caught:
        names.logical_path(text, field="save_to")
    assert caught.value.field == "save_to"
    assert len(text) < 12 or text not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "model.pkl",
        "plots/loss curve.png",
        "a/b/c/d.tar.gz",
        "résumé.txt",
        "实验/图一.png",
        "данные.csv",
        "ملف.txt",
        "📈.png",
        "a..b",
        "a-b_c+d=e@f!g,h",
        "[a](b)",
        "{x}",
        "a'b",
        "console.txt",
        "nul-space",
        "com10",
        "x" * 255,
        "/".join(["a" * 127] * 8),
    ],
)
def test_a_name_that_people_use_is_a_logical_path(text: str) -> None:
    assert names.logical_path(text) == text


_tricky = st.text(
    st.sampled_from("ab./\\ ~%:\0\n\r\t\u00a0\u2028\u200d\u202e\u0301éCONU1²漢😀\u3164\ud800"),
    max_size=12,
)


def _check_path(text: str) -> None:
    if is_refused(names.logical_path, text):
        return
    joined = posixpath.normpath(posixpath.join(ROOT, text))
    assert joined == f"{ROOT}/{text}"
    assert unicodedata.normalize("NFC", text) == text
    assert text.encode().decode() == text
    assert not re.search(r"[\x00-\x1f\x7f\\:%#?;*\"<>|]", text)


def _check_key(text: str) -> None:
    if is_refused(names.key, text):
        return
    assert re.fullmatch(r"[\w./\- :]{1,250}", text)
    assert not {"", ".", ".."} & set(text.split("/"))
    assert text.isprintable()


def _check_label(text: str) -> None:
    if is_refused(names.label, text):
        return
    cleaned = names.label(text)
    assert cleaned == cleaned.strip() == unicodedata.normalize("NFC", cleaned)
    assert 1 <= len(cleaned) <= 250
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in cleaned)
    assert names.label(cleaned) == cleaned


# Not with atheris: there are wheels of it for Linux on x86-64 alone, and a test that is skipped
# elsewhere shows nothing there.
CHECKS = {"path": _check_path, "key": _check_key, "label": _check_label}


def fuzz(what: str, examples: int) -> None:
    """Give a rule any text, and check what it lets through."""

    @settings(max_examples=examples, deadline=None, database=None)
    @given(st.text(max_size=40) | _tricky | st.sampled_from(hostile_names()))
    def check(text: str) -> None:
        CHECKS[what](text)

    check()


@pytest.mark.parametrize("what", CHECKS)
def test_what_a_rule_of_names_lets_through_is_harmless(what: str) -> None:
    fuzz(what, 1_000)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("what", CHECKS)
def test_what_a_rule_of_names_lets_through_of_a_hundred_thousand_is_harmless(what: str) -> None:
    fuzz(what, 100_000)


@pytest.mark.parametrize(
    "text", ["accuracy", "val/loss", "top-5 accuracy", "f1.macro", "a:b", "μ", "损失", "x" * 250]
)
def test_a_key_that_people_use_is_taken(text: str) -> None:
    assert names.key(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "x" * 251, "/a", "a/", "a//b", "..", "a/../b", "a\nb", "a=b", "e\u0301", "a|b", "\u3164"],
)
def test_a_key_outside_the_alphabet_is_refused(text: str) -> None:
    with pytest.raises(InvalidName) as caught:
        names.key(text)
    assert caught.value.field == "key"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("  first run ", "first run"), ("e\u0301", "é"), ("a/b: c?", "a/b: c?"), ("../x", "../x")],
)
def test_a_label_is_prose(text: str, cleaned: str) -> None:
    assert names.label(text) == cleaned


@pytest.mark.parametrize("text", ["", "   ", "\u3000", "x" * 251, "a\nb", "\u202ea", "\u3164"])
def test_a_label_that_shows_nothing_or_deceives_is_refused(text: str) -> None:
    with pytest.raises(InvalidName):
        names.label(text)


def test_a_new_run_id_is_one() -> None:
    ids = {names.new_run_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(names.is_run_id(run_id) for run_id in ids)


@pytest.mark.parametrize(
    "text",
    ["", "0" * 31, "0" * 33, "A" * 32, "g" * 32, "0" * 32 + "\n", "\u0660" * 32, "../" + "0" * 29],
)
def test_what_is_not_32_hexadecimal_digits_is_no_run_id(text: str) -> None:
    assert not names.is_run_id(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wine", "wine"),
        ("STRASSE", "straße"),
        ("ﬁt", "fit"),
        ("Å", "A\u030a"),
        ("\uff21\uff22", "ab"),
    ],
)
def test_names_that_look_alike_are_one_name(one: str, other: str) -> None:
    assert names.canonical(one) == names.canonical(other)


@given(st.text())
def test_the_canonical_form_is_its_own_canonical_form(text: str) -> None:
    assert names.canonical(names.canonical(text)) == names.canonical(text)
