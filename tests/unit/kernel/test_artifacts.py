"""Files from code: complete and durable before they are told of, under safe names only."""

from __future__ import annotations

import hashlib
import json
import signal

from jupyter_mlops.domain.spool import ArtifactStaged

from .conftest import Notebook


def staged(notebook: Notebook) -> dict[str, bytes]:
    """Return the artifacts that were told of, by path, each checked against its record."""
    found = {}
    for record in notebook.records():
        assert isinstance(record, ArtifactStaged)
        content = (notebook.run / "staged" / record.file).read_bytes()
        assert len(content) == record.size
        assert hashlib.sha256(content).hexdigest() == record.sha256
        found[record.path] = content
    return found


def test_text_and_dicts_become_files(notebook: Notebook) -> None:
    notebook.execute("""
        import numpy
        from jupyter_mlops import log_dict, log_text
        log_text("grüße", "notes/a.txt")
        log_dict({"mean": numpy.float32(0.5), "n": float("nan"), "list": (1, 2)}, "a.json")
    """)
    files = staged(notebook)
    assert files["notes/a.txt"].decode() == "grüße"
    assert json.loads(files["a.json"]) == {"mean": 0.5, "n": "NaN", "list": [1, 2]}


def test_an_artifact_is_the_file_as_it_was_then(notebook: Notebook) -> None:
    (notebook.home / "model.bin").write_bytes(b"first")
    notebook.execute("""
        import os
        from pathlib import Path
        from jupyter_mlops import log_artifact
        os.chdir(os.environ["JMLOPS_HOME"])
        log_artifact("model.bin")
        log_artifact(Path("model.bin"), "models/best.bin")
        Path("model.bin").write_bytes(b"second")
    """)
    assert staged(notebook) == {"model.bin": b"first", "models/best.bin": b"first"}


def test_a_folder_is_taken_whole_without_hidden_files(notebook: Notebook) -> None:
    folder = notebook.home / "out"
    (folder / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("a.txt", "deep/b.txt", ".secret", ".git/config"):
        (folder / name).write_text(name)
    ended = notebook.execute(f"""
        from jupyter_mlops import log_artifacts
        log_artifacts({str(folder)!r})
        log_artifacts({str(folder)!r}, "all")
    """)
    assert ended.errors == ""
    assert set(staged(notebook)) == {"a.txt", "deep/b.txt", "all/a.txt", "all/deep/b.txt"}


def test_figures_of_the_known_libraries_become_pictures(notebook: Notebook) -> None:
    ended = notebook.execute("""
        import matplotlib
        matplotlib.use("agg")
        from matplotlib import pyplot
        from PIL import Image
        from jupyter_mlops import log_figure
        class Plotly:
            def to_html(self):
                return "<p>plot</p>"
        figure, axes = pyplot.subplots()
        log_figure(figure, "a.png")
        log_figure(axes, "a.svg")
        log_figure(Image.new("RGB", (2, 2)), "photo.jpg")
        log_figure(Plotly(), "plot.html")
    """)
    assert ended.errors == ""
    files = staged(notebook)
    assert files["a.png"].startswith(b"\x89PNG")
    assert b"<svg" in files["a.svg"]
    assert files["photo.jpg"].startswith(b"\xff\xd8\xff")
    assert files["plot.html"] == b"<p>plot</p>"


def test_what_cannot_be_recorded_is_told_and_leaves_no_file(notebook: Notebook) -> None:
    ended = notebook.execute("""
        import os
        from jupyter_mlops import log_artifact, log_artifacts, log_dict, log_figure, log_text
        class Broken:
            def savefig(self, file, format):
                file.write(b"half")
                raise RuntimeError("no renderer")
            def __str__(self):
                raise RuntimeError("no text")
        os.chdir(os.environ["JMLOPS_HOME"])
        os.mkfifo("pipe")
        log_text("x", "../x.txt")
        log_text("x", "/etc/x.txt")
        log_text(Broken(), "x.txt")
        log_dict({"a": Broken()}, "x.json")
        log_figure(Broken(), "x.png")
        log_figure(3, "x.png")
        log_figure(Broken(), "x.exe")
        log_figure(Broken(), None)
        log_artifact("missing.bin")
        log_artifact("pipe")
        log_artifact(".")
        log_artifact(None)
        log_artifacts("missing")
        log_artifact("x" * 5000)
        log_artifacts("y" * 5000)
        print("done")
    """)
    assert ended.output == "done\n"
    assert ended.errors.count("TrackingWarning") == 15
    assert notebook.spools() == []
    assert list((notebook.run / "staged").iterdir()) == []


def test_killed_while_staging_no_record_tells_of_an_unfinished_file(notebook: Notebook) -> None:
    (notebook.home / "big.bin").write_bytes(b"x" * (4 << 20))
    process = notebook.start(f"""
        from jupyter_mlops import log_artifact
        while True:
            log_artifact({str(notebook.home / "big.bin")!r})
            print("one", flush=True)
    """)
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert set(staged(notebook)) == {"big.bin"}
    assert len(notebook.records()) >= 3
