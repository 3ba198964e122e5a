from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.execution.stream_text import LINE_CHARS, StreamText


def shown(*pieces: str) -> str:
    stream = StreamText()
    for piece in pieces:
        stream.write(piece)
    return stream.text()


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("plain\nlines", "plain\nlines"),
        ("10%\r20%\r100%\n", "100%\n"),
        ("abcdef\rxy", "xycdef"),
        ("windows\r\nline\r\n", "windows\nline\n"),
        ("tpyo\b\b\bypo\n", "typo\n"),
        ("\b\bstart", "start"),
        ("line\n\b\bnext", "line\nnext"),
        ("\x1b[32mgreen bar\x1b[0m\rdone", "done"),
        ("loading files\r\x1b[Kdone", "\x1b[Kdone"),
    ],
)
def test_text_reads_as_a_terminal_shows_it(written: str, seen: str) -> None:
    assert shown(written) == seen


@given(st.lists(st.text(alphabet="ab\r\b\n", max_size=6), max_size=12))
def test_where_a_text_is_cut_does_not_matter(pieces: list[str]) -> None:
    assert shown(*pieces) == shown("".join(pieces))


def test_only_complete_lines_are_final() -> None:
    stream = StreamText()
    assert stream.write("epoch 1\nepo") == "epoch 1\n"
    assert stream.write("ch 2") == ""
    assert stream.write("\repoch 2 done\n") == "epoch 2 done\n"
    assert stream.line == ""


def test_head_and_tail_of_a_long_text_are_kept_and_the_gap_is_named() -> None:
    stream = StreamText(head=1000, tail=1000)
    for number in range(10_000):
        stream.write(f"line {number}\n")
    text = stream.text()
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("line 9998\nline 9999\n")
    assert len(text) < 2300
    lines = text.splitlines()
    gap = next(index for index, line in enumerate(lines) if "left out" in line)
    first, last = int(lines[gap - 1].split()[1]), int(lines[gap + 1].split()[1])
    assert last > first + 9_000
    characters = sum(len(f"line {number}\n") for number in range(first + 1, last))
    assert f"{characters:,} characters" in lines[gap]


@pytest.mark.parametrize("size", [10, 1999, 100_000])
def test_a_single_large_piece_is_bounded_too(size: int) -> None:
    stream = StreamText(head=1000, tail=1000)
    whole = "x" * size + "\n"
    stream.write(whole)
    if size <= 1999:
        assert stream.text() == whole
    else:
        assert len(stream.text()) < 2300
        assert "left out" in stream.text()


def test_a_text_without_line_ends_is_bounded_too() -> None:
    stream = StreamText(head=1000, tail=1000)
    for _ in range(100):
        stream.write("x" * 4096)
    assert len(stream.text()) < LINE_CHARS + 4096 + 3000


def test_writing_goes_on_after_memory_was_given_back() -> None:
    stream = StreamText()
    stream.write("one\ntw")
    stream.compact()
    stream.write("o\n")
    assert stream.text() == "one\ntwo\n"
