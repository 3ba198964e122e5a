"""What can be done: each change checks permission, writes rows and its event in one transaction.

``Services`` is the face of the core that every door is given. Importing it imports no database:
the store opens after the host answers, and until then each service says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.domain.actors import Actor
    from jupyter_mlops.domain.server_status import ServerStatus
    from jupyter_mlops.services.artifacts import ArtifactService
    from jupyter_mlops.services.client_runs import ClientRunService
    from jupyter_mlops.services.events import EventService
    from jupyter_mlops.services.experiments import ExperimentService
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
    from jupyter_mlops.services.trash import TrashService


@dataclass(frozen=True)
class OpenServices:
    """One service per noun over an open store."""

    runs: RunService
    client_runs: ClientRunService
    lineage: LineageService
    logged_models: LoggedModelService
    artifacts: ArtifactService
    trash: TrashService
    records: RunRecordService
    experiments: ExperimentService
    registered_models: RegisteredModelService
    model_versions: ModelVersionService
    model_aliases: ModelAliasService
    notebooks: NotebookService
    kernels: KernelService
    preferences: PreferenceService
    kernel_tokens: KernelTokenService
    events: EventService


class Services:
    """The services of a core. ``opened`` raises Unavailable or the reason while it is not open."""

    def __init__(
        self,
        opened: Callable[[], OpenServices],
        status: Callable[[Actor], ServerStatus],
    ) -> None:
        self._opened = opened
        self.status = status

    @property
    def runs(self) -> RunService:
        """Submit, repeat, cancel, change and trash runs."""
        return self._opened().runs

    @property
    def client_runs(self) -> ClientRunService:
        """Open, log to and end runs that a client keeps."""
        return self._opened().client_runs

    @property
    def lineage(self) -> LineageService:
        """Say what went into runs and came out of them."""
        return self._opened().lineage

    @property
    def logged_models(self) -> LoggedModelService:
        """Make, find and delete logged models."""
        return self._opened().logged_models

    @property
    def artifacts(self) -> ArtifactService:
        """Store, list, read and remove files of a run or a logged model."""
        return self._opened().artifacts

    @property
    def trash(self) -> TrashService:
        """Delete what is in the trash for good."""
        return self._opened().trash

    @property
    def records(self) -> RunRecordService:
        """Read history, cells, environment, log, notebooks and artifacts of a run."""
        return self._opened().records

    @property
    def experiments(self) -> ExperimentService:
        """List and create experiments."""
        return self._opened().experiments

    @property
    def registered_models(self) -> RegisteredModelService:
        """Register, find, change and trash names of models."""
        return self._opened().registered_models

    @property
    def model_versions(self) -> ModelVersionService:
        """Register, find, change and trash versions of models."""
        return self._opened().model_versions

    @property
    def model_aliases(self) -> ModelAliasService:
        """Move, follow and remove aliases of models."""
        return self._opened().model_aliases

    @property
    def notebooks(self) -> NotebookService:
        """Inspect source notebooks."""
        return self._opened().notebooks

    @property
    def kernels(self) -> KernelService:
        """List and check kernels."""
        return self._opened().kernels

    @property
    def preferences(self) -> PreferenceService:
        """Read and change what a user prefers."""
        return self._opened().preferences

    @property
    def kernel_tokens(self) -> KernelTokenService:
        """Make, recognise, move, renew and revoke the tokens of kernels."""
        return self._opened().kernel_tokens

    @property
    def events(self) -> EventService:
        """Read the event log."""
        return self._opened().events
