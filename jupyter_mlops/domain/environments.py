"""Where a run ran: kernel, Python, system, hardware, code state, packages."""

from __future__ import annotations

import msgspec


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution of the kernel's environment."""

    name: str
    version: str


class GitState(msgspec.Struct, frozen=True, kw_only=True):
    """The commit of the notebook's repository; ``remote`` holds no credentials.

    ``dirty`` tells of changes that the commit does not have, null when git did not answer in time.
    """

    commit: str
    branch: str | None
    dirty: bool | None
    remote: str | None


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded surroundings of one run; a null field could not be found out."""

    kernel_name: str | None
    kernel_display_name: str | None
    language: str | None
    language_version: str | None
    interpreter: str | None
    platform: str | None
    hostname: str | None
    cpu_model: str | None
    cpu_count: int | None
    memory_bytes: int | None
    git: GitState | None
    packages: list[Package]
    packages_digest: str | None
