"""A PostgreSQL server of the tests' own: a throw-away cluster behind a unix socket."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

START_SECONDS = 60
_ADMIN = "mlops"


class PostgresqlServer:
    """A running cluster; ``new_database`` gives the URL of an empty database in it."""

    def __init__(self, *, durable: bool = False) -> None:
        """``durable`` has every commit wait for the disk, which costs time."""
        # Otherwise what a crash of the machine would lose is no subject of these tests.
        self._fsync = "on" if durable else "off"
        # A short path of its own: a socket name has 107 bytes, and the unprivileged user
        # that the server insists on could not enter pytest's folders.
        self._folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._user = _unprivileged_user()
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self._run(
            "initdb",
            *("-D", str(self._folder / "data"), "-U", _ADMIN, "-E", "UTF8"),
            *("--locale=C.UTF-8", "--auth=trust", "--no-sync"),
        )
        self._process = self._start()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_binary(program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **self._identity(),
        )
        assert done.returncode == 0, done.stderr

    def _identity(self) -> dict[str, object]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "fsync": self._fsync,
            "max_connections": "200",
            "log_min_messages": "fatal",
        }
        arguments = [f"-c{name}={value}" for name, value in settings.items()]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [_binary("postgres"), "-D", str(self._folder / "data"), *arguments],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self._identity(),
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._admin().close()
            except psycopg.OperationalError:
                assert process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < deadline, "PostgreSQL did not start"
                time.sleep(0.05)
            else:
                return process

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._folder), user=_ADMIN, dbname="postgres", autocommit=True
        )

    def new_database(self, template: str = "template1") -> str:
        """Make a database, empty or a copy of the one called ``template``; return its URL."""
        name = f"t{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self._admin() as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return f"postgresql://{_ADMIN}@/{name}?host={self._folder}"

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = sql.Identifier(database_name(url))
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def kill(self) -> None:
        """Let the server die at once, as in a crash."""
        # Each of its processes leads a group of its own; one that lives on holds the memory.
        children = psutil.Process(self._process.pid).children()
        self._process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children)
        self._process.wait()

    def restart(self) -> None:
        """Start again after ``kill``; the server repairs itself from its log."""
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._process = self._start()

    def close(self) -> None:
        """Stop the server and remove everything."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self._folder)


def database_name(url: str) -> str:
    """Return the name of the database that a URL of ours leads to."""
    return url.split("/")[3].split("?")[0]


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return who runs the server when we are root, which PostgreSQL refuses."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binary(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
        assert versions, f"{program} is missing: install PostgreSQL (apt install postgresql)"
        found = str(versions[-1])
    return found
