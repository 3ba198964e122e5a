"""Parameters, tags, environments and artifacts of a run."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.environments import Environment, GitState, Package
from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.runs import Parameter, ParameterOrigin, RunStatus, Tag
from jupyter_mlops.store import artifacts, environments, parameters, runs, tags
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun

VALUES: list[Any] = [
    True,
    False,
    None,
    0,
    -(2**62),
    0.1,
    "",
    "NUL \x00 and lone \ud800".encode("utf-8", "replace").decode(),
    [1, [2, {"a": None}]],
    {"ключ": [1.5, "x"]},
    "***",
]


def parameter(
    key: str, value: Any, origin: ParameterOrigin = "given", *, secret: bool = False
) -> Parameter:
    return Parameter(key=key, value=value, type="json", secret=secret, origin=origin)


def artifact(path: str, digit: str = "a", created_at: int = 1) -> Artifact:
    return Artifact(
        path=path,
        digest=f"sha256:{digit * 64}",
        size=3,
        media_type="image/png",
        preview="image",
        created_at=created_at,
    )


def test_parameters_keep_their_json_value_and_order(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    given = [parameter(f"p{9 - place}", value) for place, value in enumerate(VALUES[:9])]
    with database.write() as connection:
        parameters.insert(connection, run_id, given)
        parameters.insert(connection, run_id, [parameter("zz", VALUES[9])])
    with database.read() as connection:
        assert runs.get(connection, run_id).parameters == [*given, parameter("zz", VALUES[9])]


def test_the_first_value_of_a_parameter_stands(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        parameters.insert(connection, run_id, [parameter("a", 1), parameter("a", 2)])
        parameters.insert(
            connection, run_id, [parameter("a", 3, "logged"), parameter("b", 4, "logged")]
        )
    with database.read() as connection:
        found = runs.get(connection, run_id).parameters
    assert [(item.key, item.value) for item in found] == [("a", 1), ("b", 4)]


def test_a_logged_value_takes_the_place_of_a_default_and_of_nothing_else(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    given = [parameter("a", 1), parameter("b", 2, "default"), parameter("c", 3, "default")]
    logged = [parameter(key, value, "logged") for key, value in (("b", 5), ("b", 6), ("a", 7))]
    with database.write() as connection:
        parameters.insert(connection, run_id, given)
        parameters.insert(connection, run_id, logged)
        parameters.insert(connection, run_id, [parameter("a", 8, "default")])
    with database.read() as connection:
        found = runs.get(connection, run_id).parameters
    assert found == [parameter("a", 1), parameter("b", 5, "logged"), given[2]]


def test_last_used_values_are_this_users_without_secrets_and_those_not_given(
    database: Database, new_run: NewRun
) -> None:
    new_run(user="other")
    older, newer = new_run(), new_run(experiment="Wine")
    with database.write() as connection:
        assert parameters.last_used(connection, "olive", "never.ipynb") == parameters.NEVER_USED
        parameters.insert(connection, older, [parameter("alpha", 1)])
        parameters.insert(
            connection, newer, [parameter("alpha", None), parameter("token", "***", secret=True)]
        )
        others = [parameter("found", 7, "logged"), parameter("depth", 3, "default")]
        parameters.insert(connection, newer, others)
    with database.read() as connection:
        assert parameters.last_used(connection, "olive", "train.ipynb") == parameters.LastUse(
            values={"alpha": None},
            experiment="Wine",
            kernel_name="python3",
            time_limit=None,
            source_digest=None,
        )
        assert parameters.last_used(connection, "nobody", "train.ipynb") == parameters.NEVER_USED


def test_the_last_value_of_a_tag_stands(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        tags.set(connection, run_id, "b", "1")
        tags.set(connection, run_id, "a", "x" * 5_000)
        tags.set(connection, run_id, "b", "2")
    with database.read() as connection:
        assert runs.get(connection, run_id).tags == [
            Tag(key="a", value="x" * 5_000),
            Tag(key="b", value="2"),
        ]
    with database.write() as connection:
        tags.remove(connection, run_id, "b")
        with pytest.raises(NotFound):
            tags.remove(connection, run_id, "b")
        with pytest.raises(NotFound):
            tags.set(connection, "0" * 32, "a", "b")


def environment(packages: list[Package], hostname: str = "box") -> Environment:
    return Environment(
        kernel_name="python3",
        kernel_display_name=None,
        language="python",
        language_version="3.11.7",
        interpreter="/usr/bin/python3",
        platform="Linux",
        hostname=hostname,
        cpu_model=None,
        cpu_count=8,
        memory_bytes=1 << 40,
        git=GitState(commit="c" * 40, branch=None, dirty=True, remote=None),
        packages=packages,
        packages_digest=None,
    )


def test_runs_of_one_environment_share_its_package_list(
    database: Database, new_run: NewRun
) -> None:
    first, second, third = new_run(), new_run(), new_run()
    numpy = Package(name="numpy", version="2.0")
    scipy = Package(name="SciPy", version="1.0")
    with database.write() as connection:
        assert environments.get(connection, first) is None
        environments.put(connection, first, environment([scipy, numpy], hostname="old"))
        environments.put(connection, first, environment([scipy, numpy]))
        environments.put(connection, second, environment([numpy, scipy], hostname="other"))
        environments.put(connection, third, environment([]))
    with database.read() as connection:
        found = [environments.get(connection, run_id) for run_id in (first, second, third)]
        lists = connection.exec_driver_sql("SELECT count(*) FROM package_lists").scalar()
    assert found[0] is not None
    assert found[1] is not None
    assert found[2] is not None
    assert lists == 2
    assert found[0].packages == [numpy, scipy]
    assert found[0].packages_digest == found[1].packages_digest != found[2].packages_digest
    assert (found[0].hostname, found[1].hostname) == ("box", "other")
    assert found[0].git == GitState(commit="c" * 40, branch=None, dirty=True, remote=None)


def test_a_path_of_an_active_run_may_name_new_bytes(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        artifacts.put(connection, run_id, artifact("plots/b.png"))
        artifacts.put(connection, run_id, artifact("a.png"))
        artifacts.put(connection, run_id, artifact("plots/b.png", "b", created_at=9))
    with database.read() as connection:
        assert artifacts.for_run(connection, run_id) == [
            artifact("a.png"),
            artifact("plots/b.png", "b", created_at=9),
        ]
        assert artifacts.get(connection, run_id, "a.png") == artifact("a.png")
        with pytest.raises(NotFound):
            artifacts.get(connection, run_id, "b.png")


def test_the_files_of_an_ended_run_do_not_change(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        artifacts.put(connection, run_id, artifact("model.bin"))
        runs.start(connection, run_id, 2)
        runs.end(
            connection, run_id, status=RunStatus.FINISHED, reason=None, message=None, ended_at=3
        )
    with database.write() as connection:
        artifacts.put(connection, run_id, artifact("model.bin", created_at=99))
        with pytest.raises(Conflict):
            artifacts.put(connection, run_id, artifact("model.bin", "f"))
    with database.read() as connection:
        assert artifacts.for_run(connection, run_id) == [artifact("model.bin")]


def test_bytes_are_referenced_while_a_run_names_them(database: Database, new_run: NewRun) -> None:
    digests = [f"sha256:{digit * 64}" for digit in "01234"]
    run_id = new_run(source_digest=digests[0])
    with database.write() as connection:
        runs.set_digests(connection, run_id, executed=digests[1], log=digests[2])
        artifacts.put(connection, run_id, artifact("a", "3"))
    with database.read() as connection:
        assert artifacts.named(connection, digests) == set(digests[:4])
        assert artifacts.named(connection, digests[4:]) == set()
