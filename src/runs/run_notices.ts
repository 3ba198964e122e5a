/** Notifications about the runs that this window started: how they go on, and how they end. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatDuration } from '../components/duration';
import { formatNumber } from '../components/number_format';
import { cellAtWork, runProgress } from '../components/run_progress';
import { reasonName } from '../components/status_names';
import type { Run, RunSummary } from '../contract/types';
import type { IActiveRuns } from '../state/tokens';

/** Which runs are told about. */
export type NoticeChoice = 'mine' | 'failures' | 'none';

/** What a notification can lead to. */
export interface INoticeActions {
  open(runId: string, section?: string): void;
  cancel(runId: string): void;
}

/** More runs than this at once are followed in the panel: their ends alone are told. */
const MOST_AT_ONCE = 3;
/** Milliseconds for which an outcome stays. */
const SUCCESS = 8000;
const FAILURE = 20_000;

/** Where the runs of this window outlive a reload of the page. */
const STORAGE_KEY = 'jupyter-mlops:launched';

export interface IRunNoticesOptions {
  active: IActiveRuns;
  choice: () => NoticeChoice;
  actions: INoticeActions;
  trans: TranslationBundle;
  storage: Storage;
}

/** Follows launched runs until they end, for as long as the page lives. */
export class RunNotices {
  constructor(private readonly _options: IRunNoticesOptions) {
    const { active, storage } = _options;
    const before = readIds(storage);
    for (const runId of before) {
      this._followed.set(runId, null);
    }
    active.launched.connect(this._onLaunched, this);
    active.changed.connect(this._onChanged, this);
    active.ended.connect(this._onEnded, this);
    active.vanished.connect(this._onVanished, this);
    this._onChanged(active, active.runs);
    // Those that ended while the page was loaded anew are not seen active again.
    active.follow(before);
  }

  private _onLaunched(_: unknown, run: RunSummary): void {
    this._followed.set(run.run_id, null);
    this._keep();
    this._tell(run);
  }

  private _onChanged(_: unknown, runs: readonly RunSummary[]): void {
    for (const run of runs) {
      if (this._followed.has(run.run_id)) {
        this._tell(run);
      }
    }
  }

  private _onEnded(_: unknown, run: Run): void {
    const notice = this._followed.get(run.run_id);
    if (!this._forget(run.run_id)) {
      return;
    }
    const choice = this._options.choice();
    const failed = run.status === 'FAILED';
    if (choice === 'none' || (choice === 'failures' && !failed)) {
      if (notice) {
        Notification.dismiss(notice);
      }
      return;
    }
    const message = this._outcome(run);
    const options = {
      autoClose: failed ? FAILURE : SUCCESS,
      progress: undefined,
      actions: [this._openAction(run)]
    };
    const type = failed
      ? 'error'
      : run.status === 'KILLED'
        ? 'warning'
        : 'success';
    if (notice && Notification.manager.has(notice)) {
      Notification.update({ id: notice, message, type, ...options });
    } else {
      Notification.emit(message, type, options);
    }
  }

  private _onVanished(_: unknown, runId: string): void {
    const notice = this._followed.get(runId);
    if (this._forget(runId) && notice) {
      Notification.dismiss(notice);
    }
  }

  /** Whether the run was followed until now. */
  private _forget(runId: string): boolean {
    if (!this._followed.delete(runId)) {
      return false;
    }
    this._said.delete(runId);
    this._keep();
    return true;
  }

  /** Say how far a run is, unless that was said already. */
  private _tell(run: RunSummary): void {
    const { choice, trans, actions } = this._options;
    if (choice() !== 'mine') {
      return;
    }
    const { cells_total } = run.progress;
    const message =
      run.status === 'SCHEDULED'
        ? trans.__('%1 is queued.', run.name)
        : run.cancel_requested
          ? trans.__('%1 is being cancelled…', run.name)
          : cells_total > 0
            ? trans.__(
                '%1 runs: cell %2 of %3.',
                run.name,
                cellAtWork(run),
                cells_total
              )
            : trans.__('%1 runs.', run.name);
    if (this._said.get(run.run_id) === message) {
      return;
    }
    const progress = runProgress(run) ?? 0;
    const notice = this._followed.get(run.run_id);
    if (notice) {
      this._said.set(run.run_id, message);
      Notification.update({ id: notice, message, progress });
      return;
    }
    const shown = [...this._followed.values()].filter(id => id !== null);
    if (shown.length >= MOST_AT_ONCE) {
      return;
    }
    this._said.set(run.run_id, message);
    this._followed.set(
      run.run_id,
      Notification.emit(message, 'in-progress', {
        autoClose: false,
        progress,
        actions: [
          {
            label: trans.__('Cancel'),
            callback: event => {
              // The notification stays: it tells how the run ends.
              event.preventDefault();
              actions.cancel(run.run_id);
            }
          },
          this._openAction(run)
        ]
      })
    );
  }

  private _openAction(run: RunSummary): Notification.IAction {
    const { actions, trans } = this._options;
    const failed = run.progress.failing_cell !== null;
    return {
      label: failed ? trans.__('Show the cell') : trans.__('Open'),
      displayType: 'accent',
      callback: () => actions.open(run.run_id, failed ? 'notebook' : undefined)
    };
  }

  private _outcome(run: Run): string {
    const { trans } = this._options;
    const took = formatDuration(run.duration_ms ?? 0);
    if (run.status === 'FINISHED') {
      return run.key_metric
        ? trans.__(
            '%1 finished in %2: %3 is %4.',
            run.name,
            took,
            run.key_metric.key,
            formatNumber(run.key_metric.value)
          )
        : trans.__('%1 finished in %2.', run.name, took);
    }
    if (run.status === 'KILLED') {
      return trans.__('%1 was cancelled after %2.', run.name, took);
    }
    const why =
      run.message ?? (run.reason ? reasonName(run.reason, trans) : '');
    return trans.__('%1 failed: %2', run.name, why);
  }

  private _keep(): void {
    try {
      this._options.storage.setItem(
        STORAGE_KEY,
        JSON.stringify([...this._followed.keys()])
      );
    } catch {
      // A full or forbidden storage only means that a reload forgets who started what.
    }
  }

  /** Run id → id of its notification, null while it has none. */
  private readonly _followed = new Map<string, string | null>();
  private readonly _said = new Map<string, string>();
}

function readIds(storage: Storage): string[] {
  try {
    const ids: unknown = JSON.parse(storage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
