"""What the exit code of a command tells, for scripts and CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.client import ClientError
    from jupyter_mlops.client.answers import RunSummary

OK = 0
FAILED = 1
BAD_INPUT = 2
KILLED = 3
UNAVAILABLE = 4
INTERRUPTED = 130

HELP = (
    "exit codes: 0 done, or the run FINISHED; 1 it FAILED, a check found damage, or something was not "
    "carried; 2 bad input; "
    "3 it was KILLED; "
    "4 no server and no store; 130 interrupted, the run goes on"
)


def of_run(run: RunSummary) -> int:
    """Return the exit code of a run that was waited for."""
    return {"FAILED": FAILED, "KILLED": KILLED}.get(run["status"], OK)


def of_error(error: ClientError) -> int:
    """Return whether the user's input is to blame for a refusal, or the surroundings."""
    if 400 <= error.status < 500 and error.status not in (401, 403, 429):
        return UNAVAILABLE if error.code == "unreachable" else BAD_INPUT
    return BAD_INPUT if error.code.startswith("invalid") else UNAVAILABLE
