"""Files of a run by MLflow's protocol: any name, no way out, inert when they leave (S12, S16)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote

import pytest

from tests.contract.route_samples import ABSENT_RUN
from tests.hostile_names import hostile_names
from tests.integration.server.test_blobs import SAFE
from tests.jupyter_host import JupyterHost
from tests.mlflow_door import ADDRESS, FILES, MlflowDoor, check_refusal
from tests.store_snapshot import snapshot

TEXT = b"plain text, long enough for a range"
NAMES = [
    "model/MLmodel",
    "with space.txt",
    "a#b.txt",
    "a?b.txt",
    "100%.txt",
    "100%25.txt",
    "%2e%2e",
    "a+b&c=d.txt",
    "é è ü.txt",
    "文件.csv",
    "🙂.png",
    "quote'\".txt",
    "semi;colon.txt",
    "<b>.html",
    "*.txt",
    "ab:c.txt",
    ".hidden",
    "...",
    "~",
    "CON",
    "trailing.",
    "n" * 255,
    "/".join(["d" * 100] * 10),
]
# Each is a path in a run, or an address of its own, that could mean another place.
OUTSIDE = [
    "../x",
    "a/../../x",
    "a/..",
    "./x",
    "a/./x",
    "a//x",
    "/etc/passwd",
    "//etc/passwd",
    "\\\\host\\share\\x",
    "..\\x",
    "a\\b",
    "C:/x",
    "C:\\x",
    "c:x",
    "a\0b",
    "\0",
    "a\nb",
    "a\rb",
    "a\x1b[31mb",
    "a\x7fb",
    "a\u202eb",
    "a\u200bb",
    "a\ufeffb",
    "n" * 256,
    "/".join(["d" * 100] * 11),
    "file:///etc/passwd",
    "http://127.0.0.1:1/x",
]


@pytest.fixture(scope="module")
def door(host: JupyterHost) -> MlflowDoor:
    return MlflowDoor(host)


@pytest.fixture(scope="module")
def open_run(door: MlflowDoor) -> str:
    run_id = door.new_run()
    assert door.file("PUT", run_id, "plain.txt", TEXT).status == 200
    return run_id


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_stored_listed_read_and_removed(door: MlflowDoor, name: str) -> None:
    run_id, data = door.new_run(), name.encode()
    stored = door.file("PUT", run_id, name, data)
    assert (stored.status, stored.body) == (200, b"{}")
    read = door.file("GET", run_id, name)
    assert (read.status, read.body) == (200, data)
    folder, _, last = name.rpartition("/")
    (listed,) = door.listed(run_id, folder)
    assert listed == {"path": name, "is_dir": False, "file_size": len(data)}
    found = re.search(r"filename\*=UTF-8''(\S+)$", read.headers["content-disposition"])
    assert found is not None
    assert unquote(found[1]) == last
    assert door.file("DELETE", run_id, name).status == 200
    assert door.file("GET", run_id, name).status == 404
    assert door.file("DELETE", run_id, name).status == 200


@pytest.mark.parametrize("text", OUTSIDE, ids=ascii)
def test_a_path_that_could_mean_another_place_is_refused(
    host: JupyterHost, door: MlflowDoor, open_run: str, text: str
) -> None:
    host.settle()
    before = snapshot(host.home, host.root)
    escaped = quote(text, safe="")
    top = f"{FILES}/0/{open_run}/artifacts/"
    # A drive is one only at the beginning.
    for base in (top,) if text[1:2] == ":" else (top, f"{top}a/"):
        for path in (base + escaped, base + quote(text)):
            for method, data in (("PUT", b"x"), ("GET", None), ("DELETE", None)):
                check_refusal(host.request(method, path, data, address=ADDRESS), 400)
    for method, data in (("PUT", b"x"), ("GET", None), ("DELETE", None)):
        answer = host.request(method, f"{FILES}/{escaped}", data, address=ADDRESS)
        assert check_refusal(answer, 400)
    check_refusal(door.get("artifacts/list", run_id=open_run, path=text), 400)
    listed = f"0/{open_run}/artifacts/{text}"
    for path in (text, listed):
        answer = host.request("GET", f"{FILES}?path={quote(path, safe='')}", address=ADDRESS)
        check_refusal(answer, 400)
    assert snapshot(host.home, host.root) == before


@pytest.mark.parametrize(
    "path",
    [
        "0",
        "0/artifacts/plain.txt",
        "x/{run}/artifacts/plain.txt",
        "0/{run}/plain.txt",
        "0/{run}/artifact/plain.txt",
        "0/{upper}/artifacts/plain.txt",
        "0/{run}0/artifacts/plain.txt",
        "0/models/{run}/artifacts/plain.txt",
        "00000000000000000000/{run}/artifacts/plain.txt",
        "%2e%2e/{run}/artifacts/plain.txt",
        "0/%2e%2e/0/{run}/artifacts/plain.txt",
        "mlflow-artifacts:0/{run}/artifacts/plain.txt",
    ],
)
def test_an_address_that_was_never_handed_out_leads_nowhere(
    host: JupyterHost, open_run: str, path: str
) -> None:
    address = f"{FILES}/{path.format(run=open_run, upper=open_run.upper())}"
    for method, data in (("PUT", b"x"), ("GET", None), ("DELETE", None)):
        check_refusal(host.request(method, address, data, address=ADDRESS), 400, 404)


def test_dots_in_an_address_are_not_taken_away_on_the_way(host: JupyterHost, open_run: str) -> None:
    plain = f"{FILES}/0/{open_run}/artifacts/a/../plain.txt"
    for dots in ("..", "%2e%2e", "%2E.", ".%2e"):
        path = plain.replace("..", dots)
        check_refusal(host.request("GET", path, address=ADDRESS), 400)
    # Decoded once and no more: this is a name with a per cent sign.
    twice = plain.replace("..", "%252e%252e")
    check_refusal(host.request("GET", twice, address=ADDRESS), 404)


def test_no_hostile_name_is_a_way_out(host: JupyterHost, door: MlflowDoor) -> None:
    run_id = door.new_run()
    for text in hostile_names():
        escaped = quote(text.encode("utf-8", "surrogatepass"), safe="")
        path = f"{FILES}/0/{run_id}/artifacts/{escaped}"
        answer = host.request("PUT", path, b"x", address=ADDRESS)
        assert answer.status in (200, 400), ascii(text)
        if answer.status == 200:
            assert host.request("GET", path, address=ADDRESS).body == b"x"
    for listed in door.listed(run_id):
        name = listed["path"]
        assert name not in (".", "..")
        assert not any(unicodedata.category(char) == "Cc" for char in name)
        assert "\\" not in name


def test_a_run_that_is_not_there_takes_and_has_no_files(door: MlflowDoor) -> None:
    gone = door.new_run()
    assert door.file("PUT", gone, "a.txt", b"a").status == 200
    assert door.post("runs/delete", run_id=gone).status == 200
    check_refusal(door.file("PUT", gone, "b.txt", b"b"), 400)
    check_refusal(door.file("PUT", ABSENT_RUN, "b.txt", b"b"), 404)
    check_refusal(door.file("GET", ABSENT_RUN, "b.txt"), 404)


def test_the_file_of_a_run_that_has_ended_does_not_change(door: MlflowDoor) -> None:
    run_id = door.new_run()
    assert door.file("PUT", run_id, "model.bin", b"first").status == 200
    assert door.file("PUT", run_id, "model.bin", b"second").status == 200
    assert door.post("runs/update", run_id=run_id, status="FINISHED").status == 200
    check_refusal(door.file("PUT", run_id, "model.bin", b"third"), 400, 409)
    check_refusal(door.file("DELETE", run_id, "model.bin"), 400, 409)
    assert door.file("PUT", run_id, "model.bin", b"second").status == 200
    assert door.file("PUT", run_id, "more.bin", b"more").status == 200
    assert door.file("GET", run_id, "model.bin").body == b"second"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("plain.txt", "text/plain; charset=utf-8"),
        ("values.json", "application/json"),
        ("page.html", "application/octet-stream"),
        ("image.svg", "application/octet-stream"),
        ("script.js", "application/octet-stream"),
        ("model.pkl", "application/octet-stream"),
        ("no_ending", "application/octet-stream"),
    ],
)
def test_a_file_is_an_attachment_that_no_browser_acts_on(
    door: MlflowDoor, open_run: str, name: str, content_type: str
) -> None:
    stored = door.file("PUT", open_run, name, TEXT, Content_Type="text/html")
    assert stored.status == 200
    for method in ("GET", "HEAD"):
        answer = door.file(method, open_run, name)
        assert answer.status == 200
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers.items() >= SAFE.items()
        assert answer.body == (TEXT if method == "GET" else b"")


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=6-9", 206, TEXT[6:10]),
        ("bytes=0-0", 206, TEXT[:1]),
        ("bytes=-5", 206, TEXT[-5:]),
        ("bytes=30-", 206, TEXT[30:]),
        ("bytes=30-999", 206, TEXT[30:]),
        ("bytes=-999", 206, TEXT),
        ("bytes=0-1,3-4", 200, TEXT),
        ("bytes=x-y", 200, TEXT),
        ("lines=1-2", 200, TEXT),
        ("bytes=" + "9" * 400 + "-", 200, TEXT),
    ],
)
def test_a_range_of_a_file_is_sent(
    door: MlflowDoor, open_run: str, asked: str, status: int, body: bytes
) -> None:
    answer = door.file("GET", open_run, "plain.txt", Range=asked)
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers.items() >= SAFE.items()
    assert int(answer.headers["content-length"]) == len(body)


def test_a_large_file_comes_whole_and_by_ranges(door: MlflowDoor) -> None:
    run_id, data = door.new_run(), bytes(range(256)) * 5_000
    assert door.file("PUT", run_id, "large.bin", data).status == 200
    whole = door.file("GET", run_id, "large.bin")
    assert (whole.status, whole.body) == (200, data)
    part = door.file("GET", run_id, "large.bin", Range="bytes=1000-900000")
    assert (part.status, part.body) == (206, data[1_000:900_001])
    size = door.file("HEAD", run_id, "large.bin")
    assert (size.headers["content-length"], size.body) == (str(len(data)), b"")


def test_a_file_that_changes_nothing_is_told_of_once(host: JupyterHost, door: MlflowDoor) -> None:
    run_id, other = door.new_run(), door.new_run()

    def told() -> int:
        # A cursor that was never handed out is answered with the last one.
        return int(host.request("GET", "events?after=999999999").json()["seq"])

    for holder, events in ((run_id, 1), (run_id, 0), (other, 1), (other, 0)):
        before = told()
        assert door.file("PUT", holder, "same.txt", b"the same").status == 200
        assert door.file("GET", holder, "same.txt").body == b"the same"
        assert told() - before == events


@pytest.mark.parametrize("asked", ["bytes=35-", "bytes=999-1000", "bytes=9-6", "bytes=-0"])
def test_a_range_beyond_a_file_is_refused(door: MlflowDoor, open_run: str, asked: str) -> None:
    check_refusal(door.file("GET", open_run, "plain.txt", Range=asked), 416)


def test_bytes_that_the_client_has_are_not_sent_again(door: MlflowDoor, open_run: str) -> None:
    tag = door.file("GET", open_run, "plain.txt").headers["etag"]
    again = door.file("GET", open_run, "plain.txt", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


def test_no_name_of_a_file_breaks_out_of_its_header(door: MlflowDoor) -> None:
    run_id = door.new_run()
    for name in ('a"; x="b.txt', "a'b.txt", "ä;filename=b.txt", "%0d%0aX-Injected: 1"):
        assert door.file("PUT", run_id, name, b"x").status == 200
        disposition = door.file("GET", run_id, name).headers["content-disposition"]
        assert re.fullmatch(
            r"attachment; filename=\"[A-Za-z0-9 ._()+-]+\"; filename\*=UTF-8''[!-~]+", disposition
        )
