"""A kernel's own token: what it looks like, whose it is, and how what it opened ends with it."""

from __future__ import annotations

import hashlib
from enum import Enum

import msgspec

from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.secret_forms import TOKEN_PREFIX

RANDOM_BYTES = 32


class KernelSession(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel that is asking: one that a person works in, or that of a tracked run.

    ``seq`` is the number of its token; ``notebook`` the contents path as it is now, if there is one.
    """

    seq: int
    kernel_id: str | None
    run_id: str | None
    notebook: str | None


class KernelEnd(str, Enum):
    """How a kernel that a person works in came to its end."""

    SHUT_DOWN = "shut_down"
    DIED = "died"
    LOST = "lost"


class OpenRunsEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How the runs end that a kernel left open."""

    status: RunStatus
    reason: Reason | None
    message: str | None


ENDS: dict[KernelEnd, OpenRunsEnd] = {
    KernelEnd.SHUT_DOWN: OpenRunsEnd(
        status=RunStatus.KILLED,
        reason=Reason.CANCELLED,
        message="The kernel was shut down while this run was open.",
    ),
    KernelEnd.DIED: OpenRunsEnd(
        status=RunStatus.FAILED,
        reason=Reason.KERNEL_DIED,
        message="The kernel died while this run was open.",
    ),
    KernelEnd.LOST: OpenRunsEnd(
        status=RunStatus.FAILED,
        reason=Reason.LOST,
        message="The server of the kernel went away while this run was open.",
    ),
}


def with_tracked_run(status: RunStatus, reason: Reason | None) -> OpenRunsEnd:
    """Return how the runs end that the notebook of a tracked run left open: as that run did."""
    message = "It was open when the run of its notebook ended."
    return OpenRunsEnd(status=status, reason=reason, message=None if reason is None else message)


def looks_like_token(text: str) -> bool:
    """Tell whether a text claims to be the token of a kernel."""
    return text.startswith(TOKEN_PREFIX)


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
