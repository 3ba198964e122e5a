"""The engine: runs a notebook in a started kernel and leaves a true record of it.

It is a papermill engine by registration and conventions (``parameters`` and
``injected-parameters`` cells, translators, ``papermill`` metadata). papermill's own notebook
input and output, ``os.chdir`` and formatting of paths are not used: they write half files,
change the whole process and read braces in names as parameters.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from papermill.engines import Engine, papermill_engines

from jupyter_mlops.domain.errors import InvalidParameter, MlopsError
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.domain.source_notebook import PARAMETERS_TAG
from jupyter_mlops.execution import prelude
from jupyter_mlops.execution.cell_loop import CellLoop, EngineOutcome
from jupyter_mlops.execution.environment_capture import EnvironmentCapture
from jupyter_mlops.execution.executed_notebook import ExecutedNotebook, utc_now
from jupyter_mlops.execution.injection import INJECTED_TAG, injected_source
from jupyter_mlops.execution.kernel_wire import KernelWire
from jupyter_mlops.execution.masking import Masker
from jupyter_mlops.execution.run_log import RunLog
from jupyter_mlops.execution.saving import NotebookSaver
from jupyter_mlops.secret_forms import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.domain.run_spec import RunSpec
    from jupyter_mlops.execution.run_directory import RunDirectory
    from jupyter_mlops.execution.spool_writer import SpoolWriter
    from jupyter_mlops.execution.started_kernel import StartedKernel
    from jupyter_mlops.execution.stop_flag import StopFlag

ENGINE_NAME = "jupyter_mlops"
# How long the run's end waits for a slow git; nothing else of the environment takes time.
_ENVIRONMENT_PATIENCE = 3.0
_ENVIRONMENT_PATIENCE_STOPPED = 0.5


class NotebookEngine(Engine):  # type: ignore[misc]  # papermill has no types
    """Our engine as papermill knows engines; the session brings what papermill cannot."""

    @classmethod
    def execute_notebook(
        cls, nb: ExecutedNotebook, kernel_name: str, *, session: Session
    ) -> EngineOutcome:
        """Run ``nb`` in the started kernel of ``session``."""
        return session.run(nb, kernel_name)


def execute(
    run: RunDirectory,
    spec: RunSpec,
    kernel: StartedKernel,
    report: SpoolWriter,
    secrets: Mapping[str, str],
    stop: StopFlag,
    token: Mapping[str, str] | None = None,
) -> EngineOutcome:
    """Run the source notebook of ``run`` in ``kernel``; blocks, in the thread that calls.

    ``secrets`` are by parameter; ``token`` is that of the kernel by its variable, to be masked too.
    Whatever the notebook does ends as an outcome. Raises KernelNotStarted or
    StoppedWhileStarting while the kernel has not answered, OSError for an unusable run directory.
    """
    papermill_engines.register(ENGINE_NAME, NotebookEngine)
    masker = Masker({**secrets, **(token or {})})
    log = RunLog(run.log)
    session = Session(run, spec, kernel, report, masker, log, stop)
    try:
        notebook = _prepare(run, spec, kernel, secrets)
        outcome: EngineOutcome = papermill_engines.execute_notebook_with_engine(
            ENGINE_NAME, notebook, spec.kernel_name, session=session
        )
    except MlopsError as refusal:
        log.note(refusal.message)
        outcome = EngineOutcome(RunStatus.FAILED, Reason.REFUSED, refusal.message, None, 0)
    finally:
        log.close()
    return replace(outcome, secrets_masked=masker.count)


def _prepare(
    run: RunDirectory, spec: RunSpec, kernel: StartedKernel, secrets: Mapping[str, str]
) -> ExecutedNotebook:
    notebook = ExecutedNotebook.from_source(run.source.read_bytes())
    for parameter in spec.parameters:
        if parameter.secret and parameter.key not in secrets:
            raise InvalidParameter(
                f"The secret {parameter.key} was lost when the server ended. Run again.",
                key=parameter.key,
            )
    if spec.parameters:
        language = kernel.language or notebook.language
        notebook.inject(
            injected_source(spec.parameters, kernel.name, language), PARAMETERS_TAG, INJECTED_TAG
        )
    notebook.metadata["kernelspec"] = {
        "display_name": kernel.display_name,
        "language": kernel.language or notebook.language,
        "name": kernel.name,
    }
    notebook.metadata["papermill"] = {
        "duration": None,
        "end_time": None,
        "exception": None,
        "input_path": spec.notebook,
        "parameters": {
            parameter.key: MASK if parameter.secret else parameter.value
            for parameter in spec.parameters
        },
        "start_time": utc_now(),
    }
    return notebook


class Session:
    """One execution: everything that a notebook needs besides its text."""

    def __init__(
        self,
        run: RunDirectory,
        spec: RunSpec,
        kernel: StartedKernel,
        report: SpoolWriter,
        masker: Masker,
        log: RunLog,
        stop: StopFlag,
    ) -> None:
        self._run = run
        self._spec = spec
        self._kernel = kernel
        self._report = report
        self._masker = masker
        self._log = log
        self._stop = stop

    def run(self, notebook: ExecutedNotebook, kernel_name: str) -> EngineOutcome:
        """Connect to the kernel and run ``notebook`` from its first cell to its end."""
        started = time.monotonic()
        saver = NotebookSaver(self._run.executed, notebook, self._report)
        saver.save()
        wire, info = KernelWire.connect(self._kernel)
        try:
            self._log.note(f"Kernel {kernel_name!r} is ready.")
            for name in self._masker.unmasked:
                self._log.note(f"The secret {name} is under 8 characters: it is not masked.")
            if isinstance(info.get("language_info"), dict):
                notebook.metadata["language_info"] = info["language_info"]
            loop = CellLoop(
                notebook,
                wire,
                self._kernel,
                saver,
                self._report,
                self._log,
                self._masker,
                self._stop,
                self._spec.time_limit,
            )
            environment = EnvironmentCapture(self._spec, self._kernel, info, self._report)
            self._introduce(wire, loop, environment, info)
            outcome = loop.run()
            loop.collect_widgets()
            self._conclude(notebook, outcome, time.monotonic() - started)
            outcome = self._save(saver, outcome)
            self._finish(environment)
            return outcome
        finally:
            wire.close()

    def _introduce(
        self,
        wire: KernelWire,
        loop: CellLoop,
        environment: EnvironmentCapture,
        info: dict[str, Any],
    ) -> None:
        """Send the prelude; the first cell follows without waiting for its answer."""
        if _speaks_python(info):
            code, expressions = prelude.prepare(self._run, autolog=self._spec.autolog)
            request = wire.execute(code, silent=True, stop_on_error=False, expressions=expressions)
            loop.on_reply(request, lambda reply: environment.know(prelude.read_facts(reply)))
        else:
            environment.know({})

    def _finish(self, environment: EnvironmentCapture) -> None:
        stopped = self._stop.reason is not None
        try:
            environment.finish(_ENVIRONMENT_PATIENCE_STOPPED if stopped else _ENVIRONMENT_PATIENCE)
        except Exception as error:  # noqa: BLE001 - what the notebook did stays true without it
            self._log.note(f"The environment could not be recorded ({type(error).__name__}).")

    def _conclude(
        self, notebook: ExecutedNotebook, outcome: EngineOutcome, duration: float
    ) -> None:
        failed = outcome.status is not RunStatus.FINISHED
        notebook.metadata["papermill"] |= {
            "duration": round(duration, 6),
            "end_time": utc_now(),
            "exception": True if failed else None,
        }

    def _save(self, saver: NotebookSaver, outcome: EngineOutcome) -> EngineOutcome:
        if saver.save(durable=True):
            return outcome
        assert saver.error is not None  # noqa: S101 - what save promises
        lost = (
            f"The executed notebook could not be saved: {saver.error.strerror}. "
            "Make room on the disk and run again."
        )
        self._log.note(lost)
        if outcome.status is RunStatus.FINISHED:
            return replace(outcome, message=lost)
        return replace(outcome, message=f"{outcome.message} {lost}")


def _speaks_python(info: dict[str, Any]) -> bool:
    language = info.get("language_info")
    return isinstance(language, dict) and str(language.get("name")).lower() in {
        "python",
        "ipython",
    }
