"""The notebook of a run logs to that very run, by its environment."""

from __future__ import annotations

from tests.tracking_host import TrackingHost
from tests.workspace import until

CLIENT = "from tests.tracking_client import *\nimport os"


def test_the_first_run_that_a_notebook_opens_is_the_run_and_later_ones_are_its_children(
    host: TrackingHost,
) -> None:
    run_id = host.submit(
        "adopted.ipynb",
        CLIENT,
        "first = start_run(team='a'); end_run(first)\nprint(first, os.environ['JMLOPS_RUN_ID'])",
        "second = start_run(); end_run(second)\nprint(second)",
    )
    assert host.ended(run_id) == ("FINISHED", None, None)
    first, own, second = host.printed(run_id)
    assert first == own == run_id
    assert host.tags(run_id)["team"] == "a"
    child = host.run(second)
    assert host.tags(second)["mlflow.parentRunId"] == run_id
    assert (child["notebook"], child["user"]) == ("adopted.ipynb", "olive")


def test_what_a_failed_notebook_left_open_fails_with_it(host: TrackingHost) -> None:
    run_id = host.submit("fails.ipynb", CLIENT, "start_run(); print(start_run())", "1 / 0")
    assert host.ended(run_id)[:2] == ("FAILED", "cell_error")
    (child,) = host.printed(run_id)
    assert host.ended(child)[:2] == ("FAILED", "cell_error")


def test_the_token_of_a_run_is_worthless_once_it_has_ended(host: TrackingHost) -> None:
    tell = "open('token.txt', 'w').write(os.environ['MLFLOW_TRACKING_TOKEN'])"
    wait = "import time\nwhile not os.path.exists('go'): time.sleep(0.05)"
    run_id = host.submit("token.ipynb", CLIENT, tell, wait)
    token_file = host.root / "token.txt"
    until(lambda: token_file.exists() and token_file.read_text(), "the token")
    token = token_file.read_text()
    assert host.asked_with(token) == 200
    (host.root / "go").touch()
    assert host.ended(run_id)[0] == "FINISHED"
    assert host.asked_with(token) == 401
