"""How runs look in a notebook: rich where HTML is shown, plain text elsewhere; all of it escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, cast

from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.client.wording import duration, metric, moment, number, outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jupyter_mlops.client import Client
    from jupyter_mlops.client.answers import Run, RunSummary, ServerStatus
    from jupyter_mlops.kernel.active_run import Run as ActiveRun

_WHERE_TO_LOOK = "Runs are in the MLOps panel of JupyterLab's left sidebar."
_COLOURS = {
    "FINISHED": "var(--jp-success-color1, green)",
    "FAILED": "var(--jp-error-color1, red)",
    "KILLED": "var(--jp-warn-color1, orange)",
}
_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class RecordedRun:
    """A run as the server records it, at the moment when it was asked.

    One that came in a list asks for its parameters, metrics and tags when they are looked at.
    """

    def __init__(self, client: Client, state: Run | RunSummary) -> None:
        self.client = client
        self._state: Run | RunSummary = state
        self._whole = cast("Run", state) if "parameters" in state else None

    @property
    def run_id(self) -> str:
        """Its id: 32 hexadecimal digits."""
        return self._state["run_id"]

    @property
    def name(self) -> str:
        """Its name."""
        return self._state["name"]

    @property
    def status(self) -> str:
        """SCHEDULED, RUNNING, FINISHED, FAILED or KILLED."""
        return self._state["status"]

    @property
    def reason(self) -> str | None:
        """Why it ended other than FINISHED."""
        return self._state["reason"]

    @property
    def message(self) -> str | None:
        """What went wrong, in words."""
        return self._state["message"]

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters; a secret is ``***``."""
        return {each["key"]: each["value"] for each in self.as_dict()["parameters"]}

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {each["key"]: _float(each["value"]) for each in self.as_dict()["metrics"]}

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return {each["key"]: each["value"] for each in self.as_dict()["tags"]}

    def as_dict(self) -> Run:
        """Return all that the server tells, as in the REST contract; raises ClientError."""
        if self._whole is None:
            self._whole = self.client.run(self.run_id)
        return self._whole

    def summary(self) -> RunSummary:
        """Return what a list tells of the run."""
        return self._state

    def refresh(self) -> RecordedRun:
        """Return the run as it is now; raises ClientError."""
        return RecordedRun(self.client, self.client.run(self.run_id))

    def wait(self) -> RecordedRun:
        """Return the run when it has ended; raises ClientError."""
        return RecordedRun(self.client, self.client.wait(self.run_id))

    def cancel(self) -> RecordedRun:
        """Ask for its end; raises ClientError."""
        return RecordedRun(self.client, self.client.cancel(self.run_id))

    def facts(self) -> list[tuple[str, str]]:
        """Return what a reader wants to know, as labels and texts."""
        run = self.as_dict()
        facts = [
            ("run", f"{run['name']} ({run['run_id'][:8]})"),
            ("status", outcome(run)),
            ("message", run["message"] or ""),
            ("experiment", run["experiment"]),
            ("notebook", run["notebook"] or ""),
            ("took", duration(run["duration_ms"])),
            ("parameters", _pairs((p["key"], p["value"]) for p in run["parameters"])),
            ("metrics", _pairs((m["key"], number(m["value"])) for m in run["metrics"])),
        ]
        return [(label, one_line(text)) for label, text in facts if text]

    def __repr__(self) -> str:
        return _lines(self.facts())

    def _repr_html_(self) -> str:
        return _facts_html(self.facts(), self.status)


class RunList(list[RecordedRun]):
    """Some runs, the newest first."""

    def rows(self) -> list[list[str]]:
        """Return the texts of the table, a row each."""
        return [
            [
                one_line(cell)
                for cell in (
                    state["run_id"][:8],
                    state["status"],
                    state["name"],
                    state["experiment"],
                    moment(state["created_at"]),
                    duration(state["duration_ms"]),
                    metric(state["key_metric"]),
                )
            ]
            for state in (each.summary() for each in self)
        ]

    def __repr__(self) -> str:
        if not self:
            return "No runs yet."
        return "\n".join("  ".join(row) for row in self.rows())

    def _repr_html_(self) -> str:
        if not self:
            return "<p>No runs yet.</p>"
        head = "".join(
            f'<th style="text-align: left">{escape(title)}</th>'
            for title in ("Run", "Status", "Name", "Experiment", "Created", "Took", "Metric")
        )
        body = "".join(_row_html(row) for row in self.rows())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class StatusCard:
    """Where calls go, which server answers, and where to look."""

    def __init__(
        self, run: ActiveRun | None, url: str | None, server: ServerStatus | None, home: Path
    ) -> None:
        self.run = run
        self.url = url
        self.server = server
        self.home = home

    def facts(self) -> list[tuple[str, str]]:
        """Return how things stand, as labels and texts."""
        run, server = self.run, self.server
        if run is None:
            recording = "no run is open; start_run() opens one"
        elif run.batch:
            recording = f"this notebook runs as {run.run_id[:8]}"
        else:
            recording = f"{run.name or run.run_id[:8]} in {run.experiment}"
        facts = [("recording", recording)]
        if server is None:
            facts.append(
                ("server", "none was found; what is logged waits, and is taken in when one starts")
            )
        else:
            facts += [
                ("server", f"{self.url}, {server['state']}, as {server['user']}"),
                ("message", server["message"] or ""),
                ("runs", f"{server['running']} running, {server['scheduled']} waiting"),
            ]
        facts += [("home", str(self.home)), ("look", _WHERE_TO_LOOK)]
        return [(label, one_line(text)) for label, text in facts if text]

    def __repr__(self) -> str:
        return _lines(self.facts())

    def _repr_html_(self) -> str:
        return _facts_html(self.facts(), "")


def _float(value: float | str) -> float:
    return _NUMBERS[value] if isinstance(value, str) else value


def _pairs(pairs: Any) -> str:
    return ", ".join(f"{key} = {value}" for key, value in pairs)


def _lines(facts: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{label:<10} {text}" for label, text in facts)


def _facts_html(facts: Sequence[tuple[str, str]], status: str) -> str:
    rows = "".join(
        f'<tr><th style="text-align: left">{escape(label)}</th>'
        f'<td style="text-align: left{_colour(status) if label == "status" else ""}">'
        f"{escape(text)}</td></tr>"
        for label, text in facts
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _row_html(row: Sequence[str]) -> str:
    cells = (
        f'<td style="text-align: left{_colour(text) if column == 1 else ""}">{escape(text)}</td>'
        for column, text in enumerate(row)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _colour(status: str) -> str:
    return f"; color: {_COLOURS[status]}" if status in _COLOURS else ""
