/** What the commands on runs do: one call per run, each answer shown at once, each refusal said. */
import {
  Clipboard,
  Dialog,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { UUID } from '@lumino/coreutils';

import { formatBytes } from '../components/byte_size';
import { isOurs } from '../contract/run_status';
import { CommandIDs } from '../contract/command_ids';
import { ApiError, errorMessage } from '../contract/errors';
import type { Purged, Run, RunSummary } from '../contract/types';
import type { ISharedState } from '../state/tokens';
import { runLink } from '../state/run_link';
import { runByRun } from './run_by_run';
import { WorkNotice } from './work_notice';

/** Milliseconds for which a message with a way back stays. */
const LONG = 8000;
/** Milliseconds for which a message that only confirms stays. */
const SHORT = 2500;
/** Milliseconds in which a second click belongs to the first. */
const REST = 600;

/** The actions, over the shared state of one application. */
export class RunActions {
  constructor(
    private readonly _state: ISharedState,
    private readonly _commands: CommandRegistry,
    private readonly _trans: TranslationBundle
  ) {}

  /** Stop those that are active. */
  async cancel(runIds: readonly string[]): Promise<void> {
    const { api, pending } = this._state;
    await this._change(
      pending.begin(
        'cancel',
        this._only(runIds, run => isOurs(run))
      ),
      async runId => {
        try {
          return await api.cancelRun(runId);
        } finally {
          pending.end('cancel', runId);
        }
      },
      (done, all) => this._trans.__('Cancelling runs: %1 of %2', done, all),
      runId => pending.end('cancel', runId)
    );
  }

  /** Run again what was recorded; clicks in quick succession are one wish. */
  async rerun(runIds: readonly string[]): Promise<void> {
    const { active, pending } = this._state;
    await this._change(
      pending.begin('rerun', runIds),
      async runId => {
        const rest = wait(REST);
        try {
          const run = await this._rerun(runId);
          active.launch(run);
          return run;
        } finally {
          void rest.then(() => pending.end('rerun', runId));
        }
      },
      (done, all) => this._trans.__('Starting runs: %1 of %2', done, all),
      runId => pending.end('rerun', runId)
    );
  }

  /** Move those that ended to the trash, with a way back. */
  async trash(runIds: readonly string[]): Promise<void> {
    const active = this._only(runIds, run => isOurs(run)).filter(runId =>
      this._state.runs.fresh(runId)
    );
    if (active.length > 0) {
      this._tellActive(active);
    }
    const done = await this._change(
      this._only(runIds, run => !isOurs(run) && run.deleted_at === null),
      runId => this._state.api.trashRun(runId),
      (count, all) => this._trans.__('Deleting runs: %1 of %2', count, all)
    );
    if (done.length === 0) {
      return;
    }
    const message = this._trans._n(
      '%1 run is in the trash now.',
      '%1 runs are in the trash now.',
      done.length
    );
    Notification.info(message, {
      autoClose: LONG,
      actions: [
        {
          label: this._trans.__('Undo'),
          callback: () =>
            void this._commands.execute(CommandIDs.restoreRuns, {
              run_ids: done
            })
        }
      ]
    });
  }

  async restore(runIds: readonly string[]): Promise<void> {
    await this._change(
      runIds,
      runId => this._state.api.restoreRun(runId),
      (done, all) => this._trans.__('Restoring runs: %1 of %2', done, all)
    );
  }

  /** Delete those in the trash for good, after a question. */
  async purge(runIds: readonly string[]): Promise<void> {
    const chosen = this._only(runIds, run => run.deleted_at !== null);
    const [only] = chosen;
    if (only === undefined) {
      return;
    }
    const { api, runs, feed } = this._state;
    const title =
      chosen.length === 1
        ? this._trans.__('Delete “%1” permanently?', await this._nameOf(only))
        : this._trans.__('Delete %1 runs permanently?', chosen.length);
    if (!(await this._isSure(title, chosen.length))) {
      return;
    }
    let freed = 0;
    const done = await runByRun({
      runIds: chosen,
      call: async runId => {
        freed += (await api.purgeRun(runId)).bytes_freed;
        return runId;
      },
      show: gone => runs.drop(...gone),
      words: (count, all) =>
        this._trans.__('Deleting runs permanently: %1 of %2', count, all),
      trans: this._trans
    });
    void feed.refresh();
    if (done.length > 0) {
      this._tellPurged(done.length, freed);
    }
  }

  /** Delete all in the trash for good, after a question. */
  async emptyTrash(): Promise<void> {
    try {
      const there = await this._state.api.trash();
      const others = there.experiments + there.logged_models;
      if (there.runs + others === 0) {
        Notification.info(this._trans.__('The trash is empty.'), {
          autoClose: LONG
        });
      } else if (
        await this._isSure(
          this._trans.__('Empty the trash?'),
          there.runs,
          others > 0
        )
      ) {
        await this._emptyTrash(there.runs);
      }
    } catch (reason) {
      Notification.error(errorMessage(reason), { autoClose: LONG });
    }
  }

  async openSource([runId]: readonly string[]): Promise<void> {
    if (runId === undefined) {
      return;
    }
    const { notebook } =
      this._state.runs.get(runId) ?? (await this._state.api.run(runId));
    if (notebook !== null) {
      await this._commands.execute('docmanager:open', { path: notebook });
    }
  }

  copyId([runId]: readonly string[]): Promise<void> {
    Clipboard.copyToSystem(runId ?? '');
    this._tellShortly(this._trans.__('The ID of the run is copied.'));
    return Promise.resolve();
  }

  /** The address of a run, or of one part of its page. */
  copyLink([runId]: readonly string[], section = ''): Promise<void> {
    Clipboard.copyToSystem(runLink(window.location.href, runId ?? '', section));
    this._tellShortly(this._trans.__('The link to the run is copied.'));
    return Promise.resolve();
  }

  /** Leave out runs that the list knows to be unfit; unknown and changed ones are the server's to judge. */
  private _only(
    runIds: readonly string[],
    test: (run: RunSummary) => boolean
  ): string[] {
    return runIds.filter(runId => {
      const run = this._state.runs.fresh(runId);
      return !run || test(run);
    });
  }

  /** Ask before something that cannot be undone; Enter alone does not answer yes. */
  private async _isSure(
    title: string,
    count: number,
    andOthers = false
  ): Promise<boolean> {
    const runs = this._trans._n(
      '%1 run will be deleted with its parameters, metrics, log, notebooks and files. This cannot be undone.',
      '%1 runs will be deleted with their parameters, metrics, logs, notebooks and files. This cannot be undone.',
      count
    );
    const others =
      count === 0
        ? this._trans.__(
            'Experiments and models that were deleted go for good. This cannot be undone.'
          )
        : this._trans.__(
            'Experiments and models that were deleted go for good, too.'
          );
    const said = [...(count > 0 ? [runs] : []), ...(andOthers ? [others] : [])];
    const { button } = await showDialog({
      title,
      body: said.join(' '),
      buttons: [
        Dialog.cancelButton({ label: this._trans.__('Cancel') }),
        Dialog.warnButton({ label: this._trans.__('Delete Permanently') })
      ],
      defaultButton: 0
    });
    return button.accept;
  }

  /** Ask until nothing is left: each request does as much as a few seconds allow. */
  private async _emptyTrash(total: number): Promise<void> {
    const { api, feed } = this._state;
    const message = this._trans.__('Emptying the trash…');
    const notice = new WorkNotice(message, this._trans);
    let all = total;
    let purged = 0;
    let others = 0;
    let freed = 0;
    try {
      let done: Purged;
      do {
        done = await api.emptyTrash();
        purged += done.runs;
        others += done.experiments + done.logged_models;
        freed += done.bytes_freed;
        all = purged + done.remaining;
        notice.tell(message, all ? purged / all : 1);
      } while (done.remaining > 0 && done.runs > 0 && !notice.isStopped);
      if (purged > 0) {
        this._tellPurged(purged, freed);
      } else {
        this._tellOthers(others);
      }
    } finally {
      notice.end(purged, all);
      void feed.refresh();
    }
  }

  private async _nameOf(runId: string): Promise<string> {
    const { api, runs } = this._state;
    try {
      return (runs.get(runId) ?? (await api.run(runId))).name;
    } catch {
      // Whatever is wrong is told when the deletion is tried.
      return runId.slice(0, 8);
    }
  }

  private _tellPurged(count: number, freed: number): void {
    const message = this._trans._n(
      '%1 run was deleted permanently; %2 came free.',
      '%1 runs were deleted permanently; %2 came free.',
      count,
      formatBytes(freed)
    );
    Notification.info(message, { autoClose: LONG });
  }

  /** Tell of a trash without runs: what clients of MLflow deleted was in it. */
  private _tellOthers(count: number): void {
    const message =
      count > 0
        ? this._trans.__(
            'The experiments and models in the trash were deleted permanently.'
          )
        : this._trans.__(
            'Nothing could be deleted: what is left in the trash is needed elsewhere.'
          );
    Notification.info(message, { autoClose: LONG });
  }

  private _tellShortly(message: string): void {
    Notification.info(message, { autoClose: SHORT });
  }

  /** Say why these stay, and what to do first. */
  private _tellActive(runIds: readonly string[]): void {
    const message = this._trans._n(
      '%1 run is not deleted: it has not ended yet.',
      '%1 runs are not deleted: they have not ended yet.',
      runIds.length
    );
    Notification.info(message, {
      autoClose: LONG,
      actions: [
        {
          label: this._trans._n('Cancel Run', 'Cancel Runs', runIds.length),
          callback: () =>
            void this._commands.execute(CommandIDs.cancelRuns, {
              run_ids: [...runIds]
            })
        }
      ]
    });
  }

  /** Where the answer was lost, a second attempt is the same request: it finds the run of the first. */
  private async _rerun(runId: string): Promise<Run> {
    const key = this._unanswered.get(runId) ?? UUID.uuid4();
    this._unanswered.set(runId, key);
    try {
      const run = await this._state.api.rerun(runId, {}, key);
      this._unanswered.delete(runId);
      return run;
    } catch (reason) {
      if (reason instanceof ApiError && reason.kind === 'refused') {
        this._unanswered.delete(runId);
      }
      throw reason;
    }
  }

  private async _change(
    runIds: readonly string[],
    call: (runId: string) => Promise<Run>,
    words: (done: number, all: number) => string,
    spare?: (runId: string) => void
  ): Promise<string[]> {
    const done = await runByRun({
      runIds,
      call,
      words,
      spare,
      show: answers => this._state.runs.put(...answers),
      trans: this._trans
    });
    void this._state.feed.refresh();
    return done;
  }

  /** Run id → key of a request to run it again that may have arrived without an answer. */
  private readonly _unanswered = new Map<string, string>();
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    window.setTimeout(resolve, milliseconds);
  });
}
