"""Bytes of a user leave as an attachment of a passive type, whole or by one range."""

from __future__ import annotations

import io
import re
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.api import blobs
from jupyter_mlops.api.problems import RangeNotSatisfiable
from jupyter_mlops.artifacts.blob import FileBlob

DIGEST = "sha256:" + "0" * 64


def blob(media_type: str = "text/plain", filename: str = "a.txt", size: int = 100) -> FileBlob:
    return FileBlob(
        file=io.BytesIO(b"x" * size),
        size=size,
        media_type=media_type,
        filename=filename,
        digest=DIGEST,
    )


@pytest.mark.parametrize(
    "media_type",
    [
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "application/javascript",
        "text/css",
        "text/html\r\nX-Evil: 1",
        "",
    ],
)
def test_a_type_that_a_browser_would_act_on_is_never_named(media_type: str) -> None:
    assert blobs.headers_of(blob(media_type))["Content-Type"] == "application/octet-stream"


@given(st.text(min_size=1, max_size=60))
def test_any_file_name_makes_one_harmless_header(filename: str) -> None:
    header = blobs.disposition(filename)
    assert re.fullmatch(r"attachment; [!-~ ]+", header)
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"


def test_a_file_name_in_any_script_arrives_whole() -> None:
    header = blobs.disposition('Größe "日"; x.txt')
    assert header.endswith("filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22%E6%97%A5%22%3B%20x.txt")


@pytest.mark.parametrize(
    ("asked", "start", "stop", "partial"),
    [
        (None, 0, 100, False),
        ("bytes=0-9", 0, 10, True),
        ("bytes=90-", 90, 100, True),
        ("bytes=90-500", 90, 100, True),
        ("bytes=-10", 90, 100, True),
        ("bytes=-500", 0, 100, True),
        ("bytes=0-1,5-6", 0, 100, False),
        ("bytes=-", 0, 100, False),
        ("lines=1-2", 0, 100, False),
        ("bytes=٣-", 0, 100, False),
    ],
)
def test_a_range_is_what_was_asked_or_the_whole(
    asked: str | None, start: int, stop: int, partial: bool
) -> None:
    assert blobs.span(blob(), asked, None) == blobs.Span(start, stop, partial)


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=5-4", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(asked: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        blobs.span(blob(), asked, None)


def test_a_range_of_other_bytes_than_the_client_knows_gets_the_whole() -> None:
    assert not blobs.span(blob(), "bytes=0-9", '"sha256:other"').partial
    assert blobs.span(blob(), "bytes=0-9", f'"{DIGEST}"').partial
