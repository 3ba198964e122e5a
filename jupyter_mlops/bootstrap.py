"""Composition: the one place where store, artifacts, execution and services meet."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from jupyter_mlops._version import __version__
from jupyter_mlops.api.local_transport import LocalTransport
from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.mlflow_address import FindAddress, nowhere
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.server_status import ServerStatus
from jupyter_mlops.domain.soundness import Soundness
from jupyter_mlops.execution.executor import Executor, LocalExecutor
from jupyter_mlops.execution.home_identity import home_id
from jupyter_mlops.execution.kernelspecs import InstalledKernels
from jupyter_mlops.execution.tcp_kernels import TcpKernels
from jupyter_mlops.services import OpenServices
from jupyter_mlops.services.artifacts import ArtifactService
from jupyter_mlops.services.backups import BackupService, records_elsewhere
from jupyter_mlops.services.changes import ChangeWatcher
from jupyter_mlops.services.client_runs import ClientRunService
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.services.events import EventService
from jupyter_mlops.services.experiments import ExperimentService
from jupyter_mlops.services.housekeeping import Housekeeping
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.kernels import KernelService
from jupyter_mlops.services.lineage import LineageService
from jupyter_mlops.services.logged_models import LoggedModelService
from jupyter_mlops.services.model_aliases import ModelAliasService
from jupyter_mlops.services.model_versions import ModelVersionService
from jupyter_mlops.services.notebooks import NotebookService
from jupyter_mlops.services.preferences import PreferenceService
from jupyter_mlops.services.registered_models import RegisteredModelService
from jupyter_mlops.services.run_records import RunRecordService
from jupyter_mlops.services.runs import RunService
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.soundness import check
from jupyter_mlops.services.status import ready
from jupyter_mlops.services.submission import ExecutionPolicy
from jupyter_mlops.services.trash import TrashService
from jupyter_mlops.services.upload_quota import UploadQuota
from jupyter_mlops.settings import Settings
from jupyter_mlops.store.database import Database


@dataclass(frozen=True)
class Parts:
    """Everything that exists only while the store is open."""

    database: Database
    executor: Executor
    dispatcher: Dispatcher
    housekeeping: Housekeeping
    watcher: ChangeWatcher
    services: OpenServices
    concurrency: int

    @property
    def active_runs(self) -> int:
        """How many runs were queued or running when the dispatcher last looked."""
        return self.dispatcher.active

    def warm(self) -> None:
        """Start the launcher ahead of the first run, where runs can start."""
        if not self.database.read_only:
            self.executor.warm()

    def status(self, actor: Actor) -> ServerStatus:
        """Return the state of store and queue."""
        return ready(actor, __version__, self.database, self.dispatcher, self.concurrency)

    def close(self) -> None:
        """Stop the threads, then close the store; runs under way go on."""
        with ExitStack() as stack:
            # From the last to the first, each of them though another one fails.
            stack.callback(self.database.close)
            stack.callback(self.executor.close)
            stack.callback(self.dispatcher.close)
            stack.callback(self.housekeeping.close)
            stack.callback(self.watcher.close)


@dataclass(frozen=True)
class Adapters:
    """Through what a core reaches store, disk and processes; who hosts it may give others."""

    database: Callable[[str | Path], Database] = Database.open
    content: Callable[[Path], ContentStore] = ContentStore
    executor: Callable[[Path, KernelSpecManager | None, TcpKernels], Executor] = LocalExecutor
    secrets: Callable[[], SecretKeeper] = SecretKeeper


def compose(
    settings: Settings,
    on_change: Callable[[int], None],
    kernel_specs: KernelSpecManager | None = None,
    adapters: Adapters = Adapters(),
    address: FindAddress = nowhere,
) -> Parts:
    """Open the store and start what works behind the services; MlopsError says what to do.

    ``kernel_specs`` is the host's own manager, when it has one; ``address`` finds where MLflow's
    clients in runs reach the host.
    """
    database = adapters.database(settings.database_url or settings.home / "store.db")
    with ExitStack() as undo:
        undo.callback(database.close)
        parts = _compose(settings, database, on_change, kernel_specs, adapters, address)
        undo.pop_all()
    return parts


def _compose(
    settings: Settings,
    database: Database,
    on_change: Callable[[int], None],
    kernel_specs: KernelSpecManager | None,
    adapters: Adapters,
    address: FindAddress,
) -> Parts:
    content = adapters.content(settings.home)
    tcp_kernels = TcpKernels()
    executor = adapters.executor(settings.home, kernel_specs, tcp_kernels)
    secrets = adapters.secrets()
    collector = Collector(settings.home)
    trash = TrashService(database, collector, executor)
    # An embedded store belongs to its home; homes that share a database are told apart.
    shared = settings.database_url is not None and not database.read_only
    origin = Origin(
        home_id=home_id(settings.home) if shared else None,
        # One environment may be reached by several paths.
        environment=os.path.realpath(sys.prefix),
    )
    kernel_tokens = KernelTokenService(database, origin.home_id)
    dispatcher = Dispatcher(
        database, content, executor, secrets, kernel_tokens, origin, settings.concurrency, address
    )
    housekeeping = Housekeeping(
        database, trash, collector, settings.trash_days, leads=lambda: dispatcher.leading
    )
    watcher = ChangeWatcher(database, on_change)
    kernels = KernelService(
        InstalledKernels(kernel_specs),
        environment_mode=settings.environment_mode,
        environment_allowed=settings.environment_allowed,
        tcp_kernels=tcp_kernels,
    )
    services = _services(
        settings,
        origin,
        database,
        content,
        executor,
        secrets,
        kernels,
        kernel_tokens,
        dispatcher,
        trash,
    )
    if settings.dispatch and not database.read_only:
        dispatcher.start()
        housekeeping.start()
    watcher.start()
    return Parts(
        database, executor, dispatcher, housekeeping, watcher, services, settings.concurrency
    )


def _services(
    settings: Settings,
    origin: Origin,
    database: Database,
    content: ContentStore,
    executor: Executor,
    secrets: SecretKeeper,
    kernels: KernelService,
    kernel_tokens: KernelTokenService,
    dispatcher: Dispatcher,
    trash: TrashService,
) -> OpenServices:
    notebooks = NotebookService(
        settings.root, database, content, max_bytes=settings.max_notebook_bytes
    )
    policy = ExecutionPolicy(
        root=settings.root,
        origin=origin,
        start_timeout=settings.start_timeout,
        memory_limit=settings.memory_limit,
        environment_mode=settings.environment_mode,
        environment_allowed=settings.environment_allowed,
    )
    return OpenServices(
        runs=RunService(
            database,
            content,
            notebooks,
            kernels,
            secrets,
            policy,
            wake=dispatcher.wake,
            stop=executor.cancel,
        ),
        client_runs=ClientRunService(database),
        lineage=LineageService(database),
        logged_models=LoggedModelService(database),
        artifacts=ArtifactService(database, content, UploadQuota(database, settings.upload_quota)),
        trash=trash,
        records=RunRecordService(database, content, settings.home),
        experiments=ExperimentService(database),
        registered_models=RegisteredModelService(database),
        model_versions=ModelVersionService(database),
        model_aliases=ModelAliasService(database),
        notebooks=notebooks,
        kernels=kernels,
        preferences=PreferenceService(database),
        kernel_tokens=kernel_tokens,
        events=EventService(database),
    )


def open_local(root: Path, home: Path | None = None) -> LocalTransport:
    """Open the store in this process, for a client that found no server; MlopsError on failure.

    ``root`` is the folder that contents paths are relative to; ``home`` defaults to the user's.
    """
    core = Core(Settings(root=root) if home is None else Settings(root=root, home=home), compose)
    core.start()
    core.check()
    return LocalTransport(core.services, core.close)


def backups_of(home: Path) -> BackupService:
    """Return what can be done with the backups of a home; nothing is opened yet."""
    return BackupService(home)


def note_on_store(home: Path) -> str | None:
    """Return what has to be said before anything is told about the store file of a home."""
    return records_elsewhere(home)


def check_home(home: Path, backup: Path | None = None) -> Soundness:
    """Check the store of a home, or a backup of it, and the stored files that it names."""
    return check(home, backup)
