"""A program that tells stories of MLflow's clients and says what was acknowledged: ``python -m …``.

``HOME --local|--network COUNT``: after each request that was done it prints the answer, from which
``replay`` makes the same client again elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.faults.mlflow_load import MlflowClient
from tests.local_mlflow import LocalMlflow


def replay(output: bytes) -> MlflowClient:
    """Return the client that printed this; its last line may be torn, and its last answer lost."""
    client = MlflowClient("client")
    whole = output[: output.rfind(b"\n") + 1]
    answers = [json.dumps(json.loads(line)).encode() for line in whole.splitlines()]
    for data in answers:
        client.go_on(lambda *_, data=data: (200, data))
    _lose_answer(client)
    return client


def _lose_answer(client: MlflowClient) -> None:
    """Note that one request more may have been done."""

    def ask(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        raise ConnectionResetError

    try:
        client.go_on(ask)
    except ConnectionResetError:
        return


def main(home: str, mode: str, count: str) -> None:
    """Tell ``count`` stories, or as many as the disk allows."""
    door = LocalMlflow(Path(home), network=mode == "--network")

    def ask(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        status, data = door.ask(method, path, body)
        if status == 200:
            # One write: a cut leaves a whole line or none.
            os.write(1, data + b"\n")
        return status, data

    client = MlflowClient("client")
    while client.told < int(count):
        client.go_on(ask)
    door.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
