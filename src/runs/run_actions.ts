/** What the commands on runs do: one call per run, each answer shown at once, each refusal said. */
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { isActive } from '../components/status_names';
import { CommandIDs } from '../contract/command_ids';
import { errorMessage } from '../contract/errors';
import type { Run, RunSummary } from '../contract/types';
import type { ISharedState } from '../state/tokens';
import { runLink } from '../state/run_link';

/** Milliseconds for which a message with a way back stays. */
const LONG = 8000;

/** The actions, over the shared state of one application. */
export class RunActions {
  constructor(
    private readonly _state: ISharedState,
    private readonly _commands: CommandRegistry,
    private readonly _trans: TranslationBundle
  ) {}

  /** Stop those that are active. */
  async cancel(runIds: readonly string[]): Promise<void> {
    await this._change(
      this._only(runIds, run => isActive(run)),
      runId => this._state.api.cancelRun(runId)
    );
  }

  /** Run again what was recorded. */
  async rerun(runIds: readonly string[]): Promise<void> {
    await this._change(runIds, async runId => {
      const run = await this._state.api.rerun(runId);
      this._state.active.launch(run);
      return run;
    });
  }

  /** Move those that ended to the trash, with a way back. */
  async trash(runIds: readonly string[]): Promise<void> {
    const done = await this._change(
      this._only(runIds, run => !isActive(run) && run.deleted_at === null),
      runId => this._state.api.trashRun(runId)
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
    await this._change(runIds, runId => this._state.api.restoreRun(runId));
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
    return Promise.resolve();
  }

  copyLink([runId]: readonly string[]): Promise<void> {
    Clipboard.copyToSystem(runLink(window.location.href, runId ?? ''));
    return Promise.resolve();
  }

  /** Leave out runs that the list knows to be unfit; unknown ones are the server's to judge. */
  private _only(
    runIds: readonly string[],
    test: (run: RunSummary) => boolean
  ): string[] {
    return runIds.filter(runId => {
      const run = this._state.runs.get(runId);
      return !run || test(run);
    });
  }

  private async _change(
    runIds: readonly string[],
    call: (runId: string) => Promise<Run>
  ): Promise<string[]> {
    const done: string[] = [];
    const refusals = new Set<string>();
    for (const runId of runIds) {
      try {
        this._state.runs.put(await call(runId));
        done.push(runId);
      } catch (reason) {
        refusals.add(errorMessage(reason));
      }
    }
    for (const refusal of refusals) {
      Notification.error(refusal, { autoClose: LONG });
    }
    void this._state.feed.refresh();
    return done;
  }
}
