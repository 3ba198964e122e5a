"""The server extension: settings become a core, the core becomes addresses of a Jupyter server."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Bool, Enum, Float, Integer, List, TraitError, Unicode, default, validate

from jupyter_mlops.home import product_home
from jupyter_mlops.server import chosen_settings, link_page
from jupyter_mlops.server.late_core import LateCore, addresses, shorten
from jupyter_mlops.server.served_folders import (
    check_apart,
    forget_root,
    tell_root,
)
from jupyter_mlops.settings import (
    MAX_NOTEBOOK_BYTES,
    MIN_MEMORY_LIMIT,
    default_concurrency,
    is_database_url,
)


class MLOpsApp(ExtensionApp):
    """Run notebooks with parameters, track them, and see them in JupyterLab."""

    name = "jupyter_mlops"
    description = __doc__ or ""

    home = Unicode(
        help="Folder of the store, the artifacts and the run directories: an absolute path on a "
        "local disk, outside the folder that the server serves. The environment variable "
        "JMLOPS_HOME names another; the default is `mlops` in Jupyter's data folder.",
    ).tag(config=True)
    database_url = Unicode(
        "",
        help="URL of a PostgreSQL database, `postgresql://…`, instead of the embedded store.",
    ).tag(config=True)
    concurrency = Integer(
        min=1, max=1_000, help="How many runs go at once; the default is the number of cores."
    ).tag(config=True)
    start_timeout = Float(
        60.0, min=1.0, help="Seconds after which a kernel that has not started is given up."
    ).tag(config=True)
    environment_mode = Enum(
        ["deny", "allow"],
        "deny",
        help="`deny` hides the Jupyter server's own variables from runs and passes the rest; "
        "`allow` passes only a fixed, harmless set and `environment_allowed`.",
    ).tag(config=True)
    environment_allowed = List(
        Unicode(),
        help="Names of environment variables that runs see besides the fixed set, in mode `allow`.",
    ).tag(config=True)
    max_notebook_bytes = Integer(
        MAX_NOTEBOOK_BYTES,
        min=1_000_000,
        max=1_000_000_000,
        help="Largest file of a source notebook, in bytes; most of a large one are old outputs.",
    ).tag(config=True)
    memory_limit = Integer(
        0,
        min=0,
        help="Memory that the processes of a run may use together, in bytes (at least 100 MB); "
        "a run that uses more is ended as `out_of_memory`. 0 sets no limit.",
    ).tag(config=True)
    requests_per_second = Integer(
        200,
        min=10,
        max=100_000,
        help="Requests that one user may make in a second on average, five seconds' worth of them "
        "at once; more are answered with 429. Clients of MLflow wait instead.",
    ).tag(config=True)
    upload_quota = Integer(
        0,
        min=0,
        help="Bytes that the files of one user's runs and models may take together, those in the trash "
        "too; uploads beyond that are refused. 0 sets no limit.",
    ).tag(config=True)
    upload_idle_seconds = Float(
        60.0,
        min=1.0,
        help="Seconds after which an upload is given up of which nothing comes any more, and what came "
        "of it is discarded.",
    ).tag(config=True)
    trash_days = Integer(
        0,
        min=0,
        max=36_500,
        help="Days after which what is in the trash is deleted permanently; 0 keeps it until somebody "
        "empties the trash.",
    ).tag(config=True)
    warm_start = Bool(
        True,
        help="Keep a launcher ready, which makes runs start at once and costs some memory.",
    ).tag(config=True)

    mlflow_in_kernels = Bool(
        True,
        help="Let MLflow in the kernels of this server and in its runs log here by itself; what "
        "users set up themselves is left alone.",
    ).tag(config=True)

    @default("home")
    def _default_home(self) -> str:
        return str(product_home())

    @default("concurrency")
    def _default_concurrency(self) -> int:
        return default_concurrency()

    @validate("home")
    def _valid_home(self, proposal: dict[str, Any]) -> str:
        path = Path(proposal["value"]).expanduser()
        if not path.is_absolute():
            raise TraitError("MLOpsApp.home must be an absolute path.")
        return str(path)

    @validate("database_url")
    def _valid_database_url(self, proposal: dict[str, Any]) -> str:
        url = str(proposal["value"])
        if url and not is_database_url(url):
            raise TraitError("MLOpsApp.database_url must begin with postgresql://.")
        return url

    @validate("memory_limit")
    def _valid_memory_limit(self, proposal: dict[str, Any]) -> int:
        limit = int(proposal["value"])
        if 0 < limit < MIN_MEMORY_LIMIT:
            raise TraitError(
                f"MLOpsApp.memory_limit is 0 or at least {MIN_MEMORY_LIMIT:,} bytes, what a run "
                "needs to start."
            )
        return limit

    _refusal: TraitError | None = None
    _late: LateCore | None = None

    def _link_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Take over the configuration; a bad setting is remembered, as Jupyter would go on."""
        try:
            super()._link_jupyter_server_extension(serverapp)
        except TraitError as error:
            self._refusal = error
            raise

    def initialize_settings(self) -> None:
        """Prepare the core, which is made once the server answers.

        Raises TraitError for settings that cannot be meant, so that no address is opened.
        """
        self._check_settings()
        if self.serverapp is None:
            raise TraitError("MLOpsApp works inside a Jupyter server only.")
        logging.getLogger("jupyter_mlops").parent = self.serverapp.log
        check_apart(Path(self.home), self.serverapp)
        settings = chosen_settings.settings_of(self, self.serverapp)
        self._late = LateCore(settings, self.serverapp, self.log, self.requests_per_second)

    def initialize_handlers(self) -> None:
        """Put every address of both doors behind the one handler, and the page of links beside."""
        if self._late is not None:
            self.handlers += [*addresses(self._late), link_page.address()]
            if self.serverapp is not None:
                shorten(self._late, self.serverapp.web_app)

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Open the store, now that the server answers."""
        if self._late is not None:
            tell_root(serverapp)
            self._late.start(warm=self.warm_start)

    def current_activity(self) -> Any:
        """Tell the server's own idle shut-down how many runs are active."""
        return self._late.active_runs or None if self._late is not None else None

    async def stop_extension(self) -> None:
        """Close the store; runs under way go on without this server."""
        if self._late is not None:
            await self._late.stop()
            if self.serverapp is not None:
                forget_root(self.serverapp)

    def _check_settings(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        chosen_settings.check(self)
