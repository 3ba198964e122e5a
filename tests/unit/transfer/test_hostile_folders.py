"""A folder that somebody else filled: nothing outside it is read, nothing in it stops the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_mlops.transfer.mlruns_folder import MlrunsFolder
from jupyter_mlops.transfer.records import File, Run
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import NotReadable
from tests.file_store import FileStore

SECRET = b"not of this store"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(SECRET)
    return FileStore(tmp_path / "mlruns")


def read(store: FileStore) -> tuple[list[Run], Report, MlrunsFolder]:
    report = Report()
    folder = MlrunsFolder(store.root, report)
    runs = [run for each in folder.experiments() for run in folder.runs(each)]
    return runs, report, folder


def content(folder: MlrunsFolder, run: Run, path: str) -> bytes:
    with folder.open(run, File(path, 0)) as stream:
        return stream.read()


def test_links_among_files_are_named_and_never_followed(store: FileStore, tmp_path: Path) -> None:
    place = store.run(store.experiment("e"), "one", files={"fine": b"fine"})
    (place / "artifacts" / "link").symlink_to(tmp_path / "outside" / "secret")
    (place / "artifacts" / "folder").symlink_to(tmp_path / "outside")
    (run,), _, folder = read(store)
    assert sorted(each.path for each in folder.files(run)) == ["fine", "folder", "link"]
    assert content(folder, run, "fine") == b"fine"
    for path in ("link", "folder", "folder/secret", "../../../../outside/secret", "/etc/passwd"):
        with pytest.raises(NotReadable):
            content(folder, run, path)


def test_a_second_name_of_a_file_elsewhere_is_not_read(store: FileStore, tmp_path: Path) -> None:
    place = store.run(store.experiment("e"), "one", files={"fine": b"fine"})
    os.link(tmp_path / "outside" / "secret", place / "artifacts" / "linked")
    (run,), _, folder = read(store)
    with pytest.raises(NotReadable, match="hard links"):
        content(folder, run, "linked")


def test_a_pipe_or_device_does_not_hold_up_the_reader(store: FileStore) -> None:
    place = store.run(store.experiment("e"), "one", files={"fine": b""}, metrics={"m": "1 2 3\n"})
    os.mkfifo(place / "artifacts" / "pipe")
    os.mkfifo(place / "metrics" / "pipe")
    (run,), _, folder = read(store)
    with pytest.raises(NotReadable, match="no regular file"):
        content(folder, run, "pipe")
    with pytest.raises(NotReadable, match="no regular file"):
        list(folder.history(run, "pipe"))


def test_a_run_or_experiment_that_is_a_link_is_no_run(store: FileStore, tmp_path: Path) -> None:
    other = FileStore(tmp_path / "other")
    run = other.run(other.experiment("other", "7"), "elsewhere")
    experiment = store.experiment("e")
    (experiment / run.name).symlink_to(run)
    (store.root / "8").symlink_to(other.root / "7")
    runs, report, folder = read(store)
    assert runs == []
    assert {each.what for each in report.omissions} == {"8", f"1/{run.name}"}
    assert [each.name for each in folder.experiments()] == ["e"]


def test_tags_and_parameters_behind_links_leave_their_run_out(
    store: FileStore, tmp_path: Path
) -> None:
    experiment = store.experiment("e")
    place = store.run(experiment, "one")
    (place / "params").mkdir()
    (place / "params" / "secret").symlink_to(tmp_path / "outside" / "secret")
    store.run(experiment, "two")
    runs, report, _ = read(store)
    assert [run.name for run in runs] == ["two"]
    (omission,) = report.omissions
    assert place.name in omission.what
    assert SECRET.decode() not in omission.reason


@pytest.mark.parametrize("part", ["params", "tags", "metrics", "inputs", "outputs"])
def test_a_folder_exchanged_for_a_link_is_not_taken_for_an_empty_one(
    store: FileStore, tmp_path: Path, part: str
) -> None:
    place = store.run(store.experiment("e"), "one")
    (place / part).symlink_to(tmp_path / "outside")
    runs, report, _ = read(store)
    assert runs == []
    (omission,) = report.omissions
    assert "symbolic link" in omission.reason


def test_files_behind_a_link_are_told_of(store: FileStore, tmp_path: Path) -> None:
    place = store.run(store.experiment("e"), "one")
    (place / "artifacts").symlink_to(tmp_path / "outside")
    (run,), _, folder = read(store)
    with pytest.raises(NotReadable, match="symbolic link"):
        list(folder.files(run))


def test_registered_models_behind_a_link_are_told_of(store: FileStore, tmp_path: Path) -> None:
    store.experiment("e")
    (store.root / "models").symlink_to(tmp_path / "outside")
    _, report, folder = read(store)
    assert folder.is_store()
    report.omissions.clear()
    assert list(folder.registered_models()) == []
    assert "symbolic link" in report.omissions[0].reason


def test_an_experiment_whose_meta_is_a_link_is_told_of(store: FileStore, tmp_path: Path) -> None:
    store.experiment("e")
    (store.root / "2").mkdir()
    (store.root / "2" / "meta.yaml").symlink_to(tmp_path / "outside" / "secret")
    _, report, _ = read(store)
    assert [each.what for each in report.omissions] == ["experiment in 2"]


def test_an_address_of_files_that_is_none_is_told_of(store: FileStore) -> None:
    place = store.run(store.experiment("e"), "one")
    (place / "meta.yaml").write_text("status: 3\nartifact_uri: 'http://['\n")
    (run,), _, folder = read(store)
    with pytest.raises(NotReadable, match="does not say where"):
        list(folder.files(run))


def test_tags_of_an_input_that_are_none_leave_their_run_out(store: FileStore) -> None:
    experiment = store.experiment("e")
    place = store.run(experiment, "one")
    store.meta("1/datasets/d", "name: d\ndigest: x\n")
    store.meta(f"1/{place.name}/inputs/x", "source_type: DATASET\nsource_id: d\ntags: [1]\n")
    runs, report, _ = read(store)
    assert runs == []
    assert len(report.omissions) == 1


def test_what_meta_says_of_places_elsewhere_is_not_opened(store: FileStore, tmp_path: Path) -> None:
    experiment = store.experiment("e")
    place = store.run(experiment, "one", files={"fine": b""})
    meta = place / "meta.yaml"
    lines = [line for line in meta.read_text().splitlines() if "artifact_uri" not in line]
    for uri in (
        f"file://{tmp_path / 'outside'}",
        f"file:///other/place/{place.name}/artifacts",
        f"mlflow-artifacts:/1/{place.name}/artifacts",
        f"s3://bucket/1/{place.name}/artifacts",
    ):
        meta.write_text("\n".join([*lines, f"artifact_uri: {uri}"]))
        (run,), _, folder = read(store)
        with pytest.raises(NotReadable, match="not in this folder"):
            list(folder.files(run))
    store.meta(
        f"1/{place.name}/inputs/x",
        "source_type: DATASET\nsource_id: ../../../outside\ntags: {}\n",
    )
    runs, report, _ = read(store)
    assert runs == []
    assert len(report.omissions) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "[" * 100_000,
        "status: !!python/object/apply:os.system ['touch /tmp/x']",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nstatus: [*nothing]",
        "start_time: " + "9" * 10_000 + "\nstatus: 3",
        "start_time: [1]\nstatus: 3",
        "status: 77",
        "start_time: .inf\nstatus: 3",
        "a: &a [x, x]\nrun_name: [*a, *a]\nstatus: 3",
        "a: &a {x: y}\n<<: [*a, *a]\nstatus: 3",
        "run_name: no status",
        "\x00",
    ],
)
def test_a_damaged_meta_leaves_its_run_out_and_no_other(store: FileStore, text: str) -> None:
    experiment = store.experiment("e")
    store.run(experiment, "whole")
    damaged = store.run(experiment, "damaged")
    (damaged / "meta.yaml").write_text(text)
    runs, report, _ = read(store)
    assert [run.name for run in runs] == ["whole"]
    (omission,) = report.omissions
    assert damaged.name in omission.what


def test_a_meta_without_end_is_not_read(store: FileStore) -> None:
    experiment = store.experiment("e")
    damaged = store.run(experiment, "damaged")
    with (damaged / "meta.yaml").open("wb") as file:
        file.truncate(1 << 40)
    runs, report, _ = read(store)
    assert runs == []
    assert "more than" in report.omissions[0].reason


def test_damaged_lines_of_a_metric_cost_only_themselves(store: FileStore) -> None:
    lines = "1 0.5 0\nx\n1 2\n2 nan 1 data abc\n3 1 x\n" + "9" * 10_000 + "\n4 -inf 2\n"
    store.run(store.experiment("e"), "one", metrics={"loss": lines})
    (run,), _, folder = read(store)
    history = folder.history(run, "loss")
    found = [(each.timestamp, repr(each.value), each.step) for each in next(history)]
    with pytest.raises(NotReadable, match="lines are damaged"):
        next(history)
    assert found == [(1, "0.5", 0), (1, "2.0", 0), (2, "nan", 1), (4, "-inf", 2)]
