"""No field of a request is opened as it was given (security rows S11, S12)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.jupyter_host import JupyterHost

HOSTILE = [
    "/etc/passwd",
    "//proc/self/root/etc/passwd",
    "../outside.ipynb",
    "a/../../outside.ipynb",
    "./a.ipynb",
    "a//b.ipynb",
    "file:///etc/passwd",
    "ftp://example.org/a.ipynb",
    "http://127.0.0.1:1/a.ipynb",
    "s3://bucket/a.ipynb",
    "gs://bucket/a.ipynb",
    "\\\\host\\share\\a.ipynb",
    "C:\\a.ipynb",
    ".hidden/a.ipynb",
    "~/a.ipynb",
    "a\nb.ipynb",
    "a\x7f.ipynb",
    "\u202egnp.ipynb",
    "a\u0000.ipynb",
    "{x.__class__}/../a.ipynb",
    "x" * 1_025,
    "x" * 300 + ".ipynb",
    " ",
    ".",
    "..",
]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_a_hostile_path_is_refused_wherever_a_path_goes(
    host: JupyterHost, run_id: str, text: str
) -> None:
    escaped = quote(text, safe="")
    answers = {
        "notebook": host.request("POST", "runs", {"notebook": text}),
        "save_to": host.request("POST", "runs", {"notebook": "train.ipynb", "save_to": text}),
        "save_to_folder": host.request(
            "POST", "runs", {"notebook": "train.ipynb", "save_to_folder": text}
        ),
        "inspect": host.request("GET", f"notebooks/parameters?path={escaped}"),
        "artifact": host.request("GET", f"runs/{run_id}/artifacts/content?path={escaped}"),
        "kernel": host.request("POST", "runs", {"notebook": "train.ipynb", "kernel_name": text}),
        "check": host.request("POST", f"kernels/{escaped}/check"),
    }
    refused = {name: 400 <= answer.status < 500 for name, answer in answers.items()}
    assert refused == dict.fromkeys(answers, True)


def test_a_link_out_of_the_root_is_not_followed(host: JupyterHost, run_id: str) -> None:
    assert run_id
    outside = host.root.parent / "outside.ipynb"
    outside.write_bytes((host.root / "train.ipynb").read_bytes())
    (host.root / "link.ipynb").symlink_to(outside)
    (host.root / "folder").symlink_to(host.root.parent)
    for path in ("link.ipynb", "folder/outside.ipynb"):
        answer = host.request("POST", "runs", {"notebook": path})
        assert 400 <= answer.status < 500, (path, answer)
