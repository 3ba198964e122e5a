"""Bytes of a run come as inert attachments, by ranges, and only once (security row S16)."""

from __future__ import annotations

import json

import pytest

from tests.jupyter_host import JupyterHost

SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
    "accept-ranges": "bytes",
}
TEXT = b"plain text, long enough for a range"


def artifact(run_id: str, path: str) -> str:
    return f"runs/{run_id}/artifacts/content?path={path}"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("notes/plain.txt", "text/plain; charset=utf-8"),
        ("values.json", "application/json"),
        ("page.html", "application/octet-stream"),
        ("image.svg", "application/octet-stream"),
        ("script.js", "application/octet-stream"),
    ],
)
def test_an_artifact_is_an_attachment_that_no_browser_acts_on(
    host: JupyterHost, run_id: str, path: str, content_type: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = host.request(method, artifact(run_id, path))
        assert answer.status == 200
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers.items() >= SAFE.items()


@pytest.mark.parametrize("kind", ["source", "executed"])
def test_a_notebook_of_a_run_is_an_attachment_too(
    host: JupyterHost, run_id: str, kind: str
) -> None:
    answer = host.request("GET", f"runs/{run_id}/notebook?kind={kind}")
    assert answer.headers.items() >= SAFE.items()
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert json.loads(answer.body)["nbformat"] == 4


def test_a_range_of_an_artifact_is_sent(host: JupyterHost, run_id: str) -> None:
    path = artifact(run_id, "notes/plain.txt")
    part = host.request("GET", path, headers={"Range": "bytes=6-9"})
    assert (part.status, part.body) == (206, TEXT[6:10])
    assert part.headers["content-range"] == f"bytes 6-9/{len(TEXT)}"
    assert part.headers.items() >= SAFE.items()
    assert host.request("GET", path, headers={"Range": "bytes=-5"}).body == TEXT[-5:]
    assert host.request("GET", path, headers={"Range": "bytes=999-"}).status == 416


def test_bytes_that_the_client_has_are_not_sent_again(host: JupyterHost, run_id: str) -> None:
    path = artifact(run_id, "notes/plain.txt")
    tag = host.request("GET", path).headers["etag"]
    again = host.request("GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert host.request("GET", path, headers={"If-None-Match": '"other"'}).body == TEXT


def test_the_size_of_an_artifact_is_told_without_its_bytes(host: JupyterHost, run_id: str) -> None:
    answer = host.request("HEAD", artifact(run_id, "notes/plain.txt"))
    assert (answer.headers["content-length"], answer.body) == (str(len(TEXT)), b"")


def test_a_path_out_of_the_run_is_refused(host: JupyterHost, run_id: str) -> None:
    for path in ("../spec.json", "/etc/passwd", "notes/../../x", "file:///etc/passwd", "C:/x"):
        assert host.request("GET", artifact(run_id, path)).status == 400
    # A name like another, for a file that a client of MLflow may have stored.
    assert host.request("GET", artifact(run_id, "~")).status == 404
