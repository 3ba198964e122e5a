"""Folders as MLflow's file store writes them, made by hand: for stores that no client would make."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "file_store"


class FileStore:
    """Writes experiments and runs below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def experiment(self, name: str, number: str = "1") -> Path:
        """Make an experiment and return its folder."""
        text = f"experiment_id: '{number}'\nlifecycle_stage: active\nname: '{name}'\n"
        return self.meta(number, text).parent

    def run(
        self,
        experiment: Path,
        name: str,
        *,
        metrics: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        started_at: int = 1_000,
        status: int = 3,
    ) -> Path:
        """Make a run and return its folder; of metrics the lines are given."""
        run_id = uuid.uuid4().hex
        place = experiment / run_id
        text = (
            f"artifact_uri: file:///elsewhere/{experiment.name}/{run_id}/artifacts\n"
            f"end_time: {started_at + 500}\nlifecycle_stage: active\nrun_id: {run_id}\n"
            f"run_name: '{name}'\nstart_time: {started_at}\nstatus: {status}\nuser_id: ada\n"
        )
        self.meta(place.relative_to(self.root).as_posix(), text)
        for key, lines in (metrics or {}).items():
            _write(place / "metrics" / key, lines.encode())
        for path, data in (files or {}).items():
            _write(place / "artifacts" / path, data)
        return place

    def model(self, name: str, *, created_at: int, **aliases: int) -> None:
        """Make a registered model."""
        self.meta(f"models/{name}", f"creation_timestamp: {created_at}\nname: '{name}'\n")
        for alias, number in aliases.items():
            _write(self.root / "models" / name / "aliases" / alias, str(number).encode())

    def version(self, name: str, number: int, source: str, run_id: str = "") -> None:
        """Make a version of a registered model."""
        self.meta(
            f"models/{name}/version-{number}",
            f"name: '{name}'\nversion: {number}\nsource: {source}\nrun_id: {run_id or 'null'}\n"
            "current_stage: None\n",
        )

    def meta(self, folder: str, text: str) -> Path:
        """Write the meta.yaml of a folder and return its path."""
        return _write(self.root / folder / "meta.yaml", text.encode())


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
