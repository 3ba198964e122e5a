"""What notebooks print cannot take over the terminal of who reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.client.plain_text import one_line, safe

PIECES = st.sampled_from(
    ["\x1b", "[", "]", "0;t", "\x07", "\x9b", "31m", "2J", "?1049h", "P", "\\", "a", "\n", "\u202e"]
)


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b]0;title\x07",
        "\x1b]52;c;ZWNobw==\x1b\\",
        "\x1b]8;;http://evil\x1b\\",
        "\x1b[2J",
        "\x1b[6n",
        "\x1b[?1049h",
        "\x1bPpayload\x1b\\",
        "\x1bc",
        "\x1b",
        "\x9b2J",
        "\x07",
        "\x08",
        "\x00",
        "\u202e",
        "\x1b]0;never closed",
    ],
)
def test_control_sequences_are_taken_out(attack: str) -> None:
    assert safe(f"before{attack}").startswith("before")
    assert not set(safe(f"before{attack}after")) & set("\x1b\x9b\x07\x08\x00\u202e")


def test_a_control_sequence_goes_with_what_it_carries() -> None:
    assert safe("a\x1b]0;title\x07b\x1bPpayload\x1b\\c\x1b[2Jd") == "abcd"


def test_colours_tabs_and_line_ends_stay() -> None:
    text = "\x1b[1;31mred\x1b[0m\ttab\r\n"
    assert safe(text) == text
    assert one_line(text) == "red tab"


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_escape_but_a_colour_survives_any_mixture(text: str) -> None:
    left = safe(text)
    for part in left.split("\x1b")[1:]:
        parameters, end, _ = part.partition("m")
        assert end
        assert parameters[0] == "["
        assert not set(parameters[1:]) - set("0123456789;:")
    assert "\x1b" not in one_line(text)
    assert "\n" not in one_line(text)
