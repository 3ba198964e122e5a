"""The kernels that a run can use."""

from __future__ import annotations

import msgspec


class KernelSpecInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One installed kernelspec; ``warm`` when it runs in the server's own interpreter."""

    name: str
    display_name: str
    language: str
    interpreter: str
    warm: bool
    default: bool


class KernelList(msgspec.Struct, frozen=True, kw_only=True):
    """All installed kernelspecs, the default first."""

    kernels: list[KernelSpecInfo]


class KernelCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a pre-flight: whether the kernel starts and answers, and how long it took."""

    name: str
    ok: bool
    message: str
    duration_ms: int
    implementation: str | None
    language_version: str | None


def is_same_kernel(one: str | None, two: str | None) -> bool:
    """Compare names like jupyter_client, which finds a kernelspec whatever its capitals."""
    return one is not None and two is not None and one.casefold() == two.casefold()
