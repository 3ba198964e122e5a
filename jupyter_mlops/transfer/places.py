"""What the user names as the other end: a tracking server, or a folder of MLflow's file store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer.link import Link, of_mlflow, without_proof
from jupyter_mlops.transfer.mlruns_folder import MlrunsFolder
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import NotReadable, Source
from jupyter_mlops.transfer.tracking_server import TrackingServer

_WEB = ("http://", "https://")
_DATABASE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")


def server(address: str) -> Link:
    """Return the link to a tracking server that answers; ClientError says what to do otherwise."""
    if not address.lower().startswith(_WEB):
        raise ClientError(
            f"{without_proof(address)} is not the address of a tracking server; it begins with http:// or https://. "
            f"{_advice(address)}",
            code="invalid_address",
        )
    link = of_mlflow(address)
    link.is_tracking_server()
    return link


def source(address: str, report: Report) -> Source:
    """Return what can be read at an address, or in a folder; ``report`` hears what is damaged there."""
    if address.lower().startswith(_WEB):
        return TrackingServer(server(address))
    parts = urlsplit(address)
    if parts.scheme == "file":
        return _folder(Path(unquote(parts.path)), report)
    path = Path(address).expanduser()
    # A folder may be called like a scheme; what is there is meant.
    if not parts.scheme or path.exists():
        return _folder(path, report)
    raise ClientError(
        f"{without_proof(address)} cannot be read. {_advice(address)}", code="invalid_address"
    )


def _folder(path: Path, report: Report) -> Source:
    if not path.is_dir():
        if path.suffix in _DATABASE_SUFFIXES and path.exists():
            raise _not_a_store(path, f"It is a database. {_advice(f'sqlite:///{path}')}")
        raise ClientError(f"There is no folder {path}.", code="invalid_address")
    found = MlrunsFolder(path.resolve(), report)
    try:
        if found.is_store():
            return found
    except NotReadable as error:
        raise ClientError(str(error), code="invalid_address") from error
    if (path / "mlruns").is_dir():
        raise _not_a_store(path, f"Did you mean {path / 'mlruns'}?")
    for database in (path / "mlflow.db", path.resolve().parent / "mlflow.db"):
        if database.exists():
            # Since 3.7 the client keeps its records there, and only files in the folder.
            raise _not_a_store(
                path, f"Its records are in {database}. {_advice(f'sqlite:///{database}')}"
            )
    raise _not_a_store(
        path,
        "No folder in it has a meta.yaml. If its records are in a database, start `mlflow server` "
        "on that, and give the address of the server.",
    )


def _not_a_store(path: Path, advice: str) -> ClientError:
    return ClientError(f"{path} is not a store of MLflow's. {advice}", code="invalid_address")


def _advice(address: str) -> str:
    scheme = urlsplit(address).scheme.partition("+")[0]
    if scheme in _DATABASES:
        return (
            f"Start `mlflow server --backend-store-uri {without_proof(address)}` where its files are, and give the "
            "address of that, such as http://127.0.0.1:5000."
        )
    return "Start `mlflow server` on it, and give the address of that."
