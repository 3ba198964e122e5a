/** The runs that are queued or running right now, whatever the list shows, and how they end. */
import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import { isNotFound } from '../contract/errors';
import type { Run, RunSummary } from '../contract/types';
import type { IActiveRuns, IChangeFeed, IChanges } from './tokens';

/** Enough for every run that can run at once, and the head of the queue. */
const MOST = 200;
/** Milliseconds between two readings: metrics have to be seen within a second. */
const PACE = 400;

const NEWS: ReadonlySet<string> = new Set([
  'run.created',
  'run.started',
  'run.progressed',
  'run.logged',
  'run.changed',
  'run.cancel_requested',
  'run.ended',
  'run.deleted'
]);

/** Reads all active runs in one request per change, however many there are. */
export class ActiveRuns implements IActiveRuns, IDisposable {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _feed: IChangeFeed
  ) {
    this._throttler = new Throttler(() => this._read(), {
      limit: PACE,
      edge: 'trailing'
    });
    _feed.changed.connect(this._onChanges, this);
  }

  get changed(): ISignal<this, readonly RunSummary[]> {
    return this._changed;
  }

  get ended(): ISignal<this, Run> {
    return this._ended;
  }

  get runs(): readonly RunSummary[] {
    return this._runs;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get launched(): ISignal<this, RunSummary> {
    return this._launched;
  }

  launch(run: RunSummary): void {
    this._add(run);
    this._launched.emit(run);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._feed.changed.disconnect(this._onChanges, this);
    this._throttler.dispose();
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, { events, reset }: IChanges): void {
    if (reset || events.some(({ type }) => NEWS.has(type))) {
      // A reading that fails is repeated with the next change; the feed tells of the failure.
      this._throttler.invoke().catch(() => undefined);
    }
  }

  private async _read(): Promise<void> {
    const page = await this._api.runs({
      status: ['RUNNING', 'SCHEDULED'],
      limit: MOST
    });
    if (this._isDisposed) {
      return;
    }
    const now = new Set(page.runs.map(({ run_id }) => run_id));
    const gone =
      page.next_cursor === null
        ? this._runs.filter(({ run_id }) => !now.has(run_id))
        : [];
    this._set(page.runs);
    for (const { run_id } of gone) {
      await this._end(run_id);
    }
  }

  private async _end(runId: string): Promise<void> {
    let run: Run;
    try {
      run = await this._api.run(runId);
    } catch (reason) {
      if (isNotFound(reason)) {
        return;
      }
      throw reason;
    }
    if (this._isDisposed) {
      return;
    }
    if (isActive(run)) {
      this._add(run);
    } else {
      this._ended.emit(run);
    }
  }

  private _add(run: RunSummary): void {
    if (
      isActive(run) &&
      !this._runs.some(({ run_id }) => run_id === run.run_id)
    ) {
      this._set([...this._runs, run]);
    }
  }

  private _set(runs: readonly RunSummary[]): void {
    this._runs = [...runs].sort(inOrder);
    this._changed.emit(this._runs);
  }

  private readonly _throttler: Throttler;
  private readonly _changed = new Signal<this, readonly RunSummary[]>(this);
  private readonly _launched = new Signal<this, RunSummary>(this);
  private readonly _ended = new Signal<this, Run>(this);
  private _runs: readonly RunSummary[] = [];
  private _isDisposed = false;
}

function isActive({ status }: RunSummary): boolean {
  return status === 'RUNNING' || status === 'SCHEDULED';
}

function inOrder(one: RunSummary, two: RunSummary): number {
  if (one.status !== two.status) {
    return one.status === 'RUNNING' ? -1 : 1;
  }
  return (
    (one.queue_position ?? 0) - (two.queue_position ?? 0) ||
    two.created_at - one.created_at
  );
}
