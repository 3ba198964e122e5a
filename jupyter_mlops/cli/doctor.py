"""`jupyter mlops doctor`: what stands in the way, if anything, and what to do about it."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

from jupyter_mlops import __version__
from jupyter_mlops.cli import exit_codes
from jupyter_mlops.client import Client, ClientError, HttpTransport
from jupyter_mlops.client.connection import PROBE_SECONDS
from jupyter_mlops.client.discovery import servers
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.home import make_private, product_home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command line, which has nothing to choose."""
    del parser


def doctor(arguments: Namespace) -> int:
    """Print what was looked at; the exit code is 4 when something is wrong."""
    del arguments
    print(f"Jupyter MLOps {__version__}, Python {sys.version.split()[0]}, {sys.executable}")
    faults = 0
    for good, finding in (*_home(), *_servers()):
        print(f"{'ok   ' if good else 'wrong'} {one_line(finding)}")
        faults += not good
    return exit_codes.UNAVAILABLE if faults else exit_codes.OK


def _home() -> Iterator[tuple[bool, str]]:
    home = product_home()
    try:
        make_private(home)
        with tempfile.NamedTemporaryFile(dir=home) as probe:
            probe.write(b"\0" * 4096)
            os.fsync(probe.fileno())
    except OSError as error:
        told = error.strerror or str(error)
        yield False, f"home {home}: {told}. Set JMLOPS_HOME to a folder that can be written to."
        return
    yield True, f"home {home} can be written to"
    if home.stat().st_mode & 0o077:
        yield False, f"home {home} is open to other users. Close it with: chmod 700 {home}"


def _servers() -> Iterator[tuple[bool, str]]:
    found = False
    for server in servers():
        found = True
        try:
            told = Client(HttpTransport(server.url, server.token, PROBE_SECONDS)).status()
        except ClientError as error:
            yield False, f"server {server.url}: {error.message}"
            continue
        state = told["message"] or told["state"]
        yield told["state"] == "ready", f"server {server.url}, folder {server.root}: {state}"
    if not found:
        yield True, "no server runs; commands open the store themselves"
