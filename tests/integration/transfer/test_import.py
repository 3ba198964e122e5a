"""A folder that MLflow's client wrote, carried into a server by the command line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.file_store import CORPUS, FileStore
from tests.integration.transfer.conftest import End


def files_below(folder: Path) -> dict[str, str]:
    return {
        each.relative_to(folder).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_the_report_counts_what_was_carried(imported: Any) -> None:
    assert imported["complete"] is True
    assert imported["carried"] == {
        "experiments": 1,
        "runs": 3,
        "metric values": 127,
        "files": 9,
        "logged models": 1,
        "registered models": 2,
        "model versions": 3,
    }
    assert imported["left_in_trash"] == {"runs": 1}
    assert imported["not_carried"] == []


def test_a_run_keeps_what_was_logged_and_when(here: End, imported: Any) -> None:
    experiment = here.holds("wine")["experiments"]["wine"]
    run = experiment["runs"]["parent"]
    assert experiment["tags"] == {"team": "cellar"}
    assert set(experiment["runs"]) == {"parent", "child", "judge"}
    assert run["status"] == "FAILED"
    assert run["times"] == {"start_time": 1_700_000_000_000, "end_time": 1_700_000_100_000}
    assert run["user"] == "ada"
    assert run["parameters"] == {f"layer/{i}": str(i) for i in range(3)}
    assert run["tags"] == {
        "mlflow.note.content": "two\nlines, ü",
        "empty": "",
        "mlflow.runName": "parent",
    }
    assert len(run["history"]["loss"]) == 120
    assert "loss 0.1 1700000000009 9" in run["history"]["loss"]
    assert sorted(run["history"]["odd"]) == [
        # The protocol knows no infinity.
        "odd -1.7976931348623157e+308 1700000000002 -3",
        "odd 1.7976931348623157e+308 1700000000001 -3",
        "odd 1e-300 1700000000003 -3",
        "odd nan 1700000000000 -3",
    ]
    assert run["history"]["val/acc"] == ["val/acc 0.5 1700000000005 7"]
    assert len(run["data sets"]) == 2
    assert '"tags": {"mlflow.data.context": "training"}' in run["data sets"][0]


def test_files_keep_every_byte(here: End, imported: Any) -> None:
    runs = here.holds("wine")["experiments"]["wine"]
    (wrote,) = (each for each in CORPUS.glob("[0-9]*/*/artifacts") if any(each.iterdir()))
    (model,) = CORPUS.glob("[0-9]*/models/*/artifacts")
    assert runs["runs"]["parent"]["files"] == files_below(wrote)
    assert runs["models"]["forest"]["files"] == files_below(model)
    assert len(files_below(wrote)) == 6


def test_what_names_another_run_or_model_names_the_new_one(here: End, imported: Any) -> None:
    held = here.holds("wine")
    runs, models = held["experiments"]["wine"]["runs"], held["experiments"]["wine"]["models"]
    assert runs["child"]["tags"]["mlflow.parentRunId"] == "<run parent>"
    assert runs["child"]["model outputs"] == [["<model forest>", 3]]
    assert runs["judge"]["model inputs"] == ["<model forest>"]
    assert models["forest"]["run"] == "<run child>"
    assert models["forest"]["metrics"] == [
        "accuracy 0.9 1700000000010 0 ['<model forest>', '', '<run child>']",
        "judged 0.8 1700000000031 1 ['<model forest>', '', '<run judge>']",
    ]
    versions = held["models"]["merlot"]["versions"]
    assert versions["1"]["source"] == "runs:/<run parent>/model"
    assert versions["3"]["source"] == "models:/<model forest>"
    assert held["models"]["copied"]["versions"]["1"]["source"] == "models:/merlot/1"


def test_versions_keep_their_numbers_aliases_and_stages(here: End, imported: Any) -> None:
    model = here.holds("wine")["models"]["merlot"]
    assert sorted(model["versions"]) == ["1", "3"]
    assert model["aliases"] == {"champion": 3, "old": 1}
    assert model["description"] == "a red one"
    assert model["tags"] == {"owner": "ada"}
    assert model["versions"]["1"]["stage"] == "Production"
    assert model["versions"]["1"]["description"] == "the first"
    assert model["versions"]["1"]["tags"] == {"checked": "yes"}
    assert model["versions"]["3"]["stage"] == "None"


def test_importing_again_adds_nothing(here: End, imported: Any) -> None:
    before = here.holds("wine")
    done, report = here.carries("import", "--from", str(CORPUS))
    assert done.code == 0
    assert set(report["carried"].values()) == {0}
    assert report["already_there"]["runs"] == 3
    assert report["already_there"]["model versions"] == 3
    assert here.holds("wine") == before


def test_runs_go_into_the_experiment_of_the_same_name(here: End, folder: Path) -> None:
    store = FileStore(folder)
    store.run(store.experiment("shared", "1"), "first")
    store.experiment("unasked", "2")
    arguments = ("import", "--from", str(folder), "--experiment", "shared")
    assert here.carries(*arguments)[0].code == 0
    store.run(folder / "1", "second", started_at=2_000)
    _, report = here.carries(*arguments)
    assert report["carried"]["runs"] == 1
    assert report["already_there"] | {"experiments": 1, "runs": 1} == report["already_there"]
    held = here.holds()["experiments"]
    assert set(held["shared"]["runs"]) == {"first", "second"}
    assert "unasked" not in held


def test_an_experiment_that_is_there_keeps_its_tags_and_gets_those_it_lacks(
    here: End, folder: Path
) -> None:
    store = FileStore(folder)
    experiment = store.experiment("tagged")
    (experiment / "tags").mkdir()
    (experiment / "tags" / "both").write_text("theirs")
    (experiment / "tags" / "new").write_text("theirs")
    tags = [{"key": "both", "value": "mine"}]
    here.reader.tell("experiments/create", {"name": "tagged", "tags": tags})
    assert here.carries("import", "--from", str(folder))[0].code == 0
    held = here.holds("tagged")["experiments"]["tagged"]
    assert held["tags"] == {"both": "mine", "new": "theirs"}


def test_an_experiment_in_the_trash_makes_room_for_the_one_that_comes(
    here: End, folder: Path
) -> None:
    store = FileStore(folder)
    store.run(store.experiment("thrown"), "one")
    made = here.reader.tell("experiments/create", {"name": "thrown"})
    here.reader.tell("experiments/delete", {"experiment_id": made["experiment_id"]})
    assert here.carries("import", "--from", str(folder))[0].code == 0
    assert set(here.holds("thrown")["experiments"]["thrown"]["runs"]) == {"one"}


def test_what_was_thrown_away_here_does_not_come_back(here: End, folder: Path) -> None:
    store = FileStore(folder)
    store.run(store.experiment("once"), "one")
    here.carries("import", "--from", str(folder))
    said = here.reader.ask("experiments/get-by-name", experiment_name="once")
    body = {"experiment_ids": [said["experiment"]["experiment_id"]]}
    (run,) = here.reader.tell("runs/search", body)["runs"]
    here.reader.tell("runs/delete", {"run_id": run["info"]["run_id"]})
    _, report = here.carries("import", "--from", str(folder))
    assert report["already_there"]["runs"] == 1
    assert here.holds("once")["experiments"]["once"]["runs"] == {}


def test_a_dry_run_changes_nothing_and_says_what_it_would(here: End, folder: Path) -> None:
    store = FileStore(folder)
    store.run(store.experiment("dry"), "one")
    done, report = here.carries("import", "--from", str(folder), "--dry-run")
    assert done.code == 0
    assert report["complete"] is False
    assert report["carried"] | {"experiments": 1, "runs": 1} == report["carried"]
    assert "dry" not in here.holds()["experiments"]


def test_a_run_that_goes_on_is_carried_further_the_next_time(here: End, folder: Path) -> None:
    store = FileStore(folder)
    run = store.run(store.experiment("going"), "one", metrics={"loss": "1 0.5 0\n"}, status=1)
    done, report = here.carries("import", "--from", str(folder))
    assert done.code == 0
    assert report["under_way"] == 1
    with (run / "metrics" / "loss").open("a") as file:
        file.write("2 0.25 1\n")
    meta = run / "meta.yaml"
    meta.write_text(meta.read_text().replace("status: 1", "status: 3"))
    _, report = here.carries("import", "--from", str(folder))
    assert report["under_way"] == 0
    held = here.holds("going")["experiments"]["going"]["runs"]
    assert held["one"]["history"]["loss"] == ["loss 0.25 2 1", "loss 0.5 1 0"]
    assert held["one"]["status"] == "FINISHED"


def test_what_the_server_refuses_is_reported_and_the_rest_is_carried(
    here: End, folder: Path
) -> None:
    store = FileStore(folder)
    run = store.run(
        store.experiment("refused"),
        "one",
        metrics={"good": "1 0.5 0\n", "bad": "1 0.5 0\nnonsense\n2 0.25 1\n"},
        files={"fine.txt": b"x", "back\\slash.txt": b"x"},
    )
    (run / "tags").mkdir()
    (run / "tags" / "long").write_text("x" * 9_000)
    (run / "artifacts" / "link").symlink_to("/etc/passwd")
    (run / "params").mkdir()
    (run / "params" / "ques?tion").write_text("x")
    (run / "params" / "plain").write_text("x")
    done, report = here.carries("import", "--from", str(folder))
    assert done.code == 1
    name = f"run one ({run.name})"
    told = {each["what"]: each["reason"] for each in report["not_carried"]}
    assert set(told) == {
        f"metric bad of {name}",
        f"the end of long of {name}",
        f"file link of {name}",
        f"file back\\slash.txt of {name}",
        f"parameter ques?tion of {name}",
    }
    assert "symbolic link" in told[f"file link of {name}"]
    held = here.holds("refused")["experiments"]["refused"]["runs"]["one"]
    assert set(held["files"]) == {"fine.txt"}
    assert held["history"]["bad"] == ["bad 0.25 2 1", "bad 0.5 1 0"]
    assert held["parameters"] == {"plain": "x"}
    assert len(held["tags"]["long"]) == 8_000


def test_a_run_that_is_refused_does_not_hold_up_those_after_it(here: End, folder: Path) -> None:
    store = FileStore(folder)
    experiment = store.experiment("held up")
    odd = store.run(experiment, "odd", started_at=1_000) / "meta.yaml"
    odd.write_text(odd.read_text().replace("end_time: 1500", f"end_time: {1 << 70}"))
    store.run(experiment, "fine", started_at=2_000)
    done, report = here.carries("import", "--from", str(folder))
    assert done.code == 1
    assert report["complete"] is True
    (omission,) = report["not_carried"]
    assert omission["what"].startswith("run odd ")
    assert not omission["reason"].startswith("run odd ")
    held = here.holds("held up")["experiments"]["held up"]["runs"]
    assert held["fine"]["status"] == "FINISHED"


def test_a_logged_model_that_waits_for_files_is_carried_further_the_next_time(
    here: End, folder: Path
) -> None:
    store = FileStore(folder)
    store.experiment("awaited")
    ident = "m-" + "a1" * 16
    text = f"artifact_location: file:///elsewhere/1/models/{ident}/artifacts\nname: soon\nstatus: "
    meta = store.meta(f"1/models/{ident}", f"{text}1\n")
    for new in (1, 0):
        _, report = here.carries("import", "--from", str(folder))
        assert report["under_way"] == 1
        assert report["carried"]["logged models"] == new
    meta.write_text(f"{text}2\n")
    (meta.parent / "artifacts").mkdir()
    (meta.parent / "artifacts" / "MLmodel").write_text("late")
    _, report = here.carries("import", "--from", str(folder))
    assert (report["under_way"], report["carried"]["files"]) == (0, 1)
    _, report = here.carries("import", "--from", str(folder))
    assert report["already_there"]["logged models"] == 1


def test_a_copy_of_a_run_with_all_its_tags_is_a_run_of_its_own(here: End, folder: Path) -> None:
    store = FileStore(folder)
    experiment = store.experiment("copies")
    for number, name in enumerate(("first", "copy")):
        lines = f"{number} {number} {number}\n"
        run = store.run(experiment, name, metrics={"m": lines}, started_at=1_000 + number)
        (run / "tags").mkdir()
        (run / "tags" / "mlops.origin.run").write_text("b7" * 16)
    _, report = here.carries("import", "--from", str(folder))
    assert report["carried"]["runs"] == 2
    _, report = here.carries("import", "--from", str(folder))
    assert report["already_there"]["runs"] == 2
    held = here.holds("copies")["experiments"]["copies"]["runs"]
    assert {name: run["history"]["m"] for name, run in held.items()} == {
        "first": ["m 0.0 0 0"],
        "copy": ["m 1.0 1 1"],
    }
