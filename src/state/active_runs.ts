/** The runs that are queued or running right now, whatever the list shows, and how they end. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import { isNotFound } from '../contract/errors';
import { isActive, isOurs } from '../contract/run_status';
import type { Run, RunStatus, RunSummary } from '../contract/types';
import { Rereading } from './rereading';
import { Retry } from './retry';
import type { IActiveRuns, IChangeFeed, IChanges } from './tokens';

/** The largest page that the server gives. */
const PAGE = 1000;
/** Pages of one status: of a queue that is longer still, the rest shows once it is nearer. */
const MOST_PAGES = 5;
/** Runs below the last page that are looked at one by one in each reading, those in front first. */
const SINGLES = 20;
/** Milliseconds between two readings: metrics have to be seen within a second. */
const PACE = 400;

/** What changes a run that runs, and nothing about the queue. */
const PROGRESS: ReadonlySet<string> = new Set(['run.progressed', 'run.logged']);
const NEWS: ReadonlySet<string> = new Set([
  ...PROGRESS,
  'run.created',
  'run.started',
  'run.changed',
  'run.cancel_requested',
  'run.ended',
  'run.deleted'
]);

/** Reads all runs that run in one request per change, and the queue when it moved. */
export class ActiveRuns implements IActiveRuns, IDisposable {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _feed: IChangeFeed
  ) {
    _feed.changed.connect(this._onChanges, this);
  }

  get changed(): ISignal<this, readonly RunSummary[]> {
    return this._changed;
  }

  get ended(): ISignal<this, Run> {
    return this._ended;
  }

  get vanished(): ISignal<this, string> {
    return this._vanished;
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

  follow(runIds: readonly string[]): void {
    for (const runId of runIds) {
      this._unsure.add(runId);
    }
    void this._lookAtUnsure();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._feed.changed.disconnect(this._onChanges, this);
    this._reading.dispose();
    this._lookRetry.dispose();
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, { events, reset }: IChanges): void {
    const news = events.filter(({ type }) => NEWS.has(type));
    if (reset || news.some(({ type }) => !PROGRESS.has(type))) {
      this._isQueueNew = true;
    }
    if (reset || news.length > 0) {
      this._reading.ask();
    }
  }

  private async _read(): Promise<void> {
    const isQueueNew = this._isQueueNew;
    this._isQueueNew = false;
    let queue: IListed | null;
    let running: IListed;
    try {
      // In this order a run that starts between the two is in both, not in none.
      queue = isQueueNew ? await this._list('SCHEDULED') : null;
      running = await this._list('RUNNING');
    } catch (reason) {
      this._isQueueNew ||= isQueueNew;
      throw reason;
    }
    if (!this._isDisposed) {
      this._take(queue, running);
    }
  }

  private async _list(status: RunStatus): Promise<IListed> {
    const runs: RunSummary[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await this._api.runs({
        status: [status],
        limit: PAGE,
        cursor
      });
      runs.push(...page.runs);
      if (page.next_cursor === null) {
        return { runs, isWhole: true };
      }
      cursor = page.next_cursor;
    }
    return { runs, isWhole: false };
  }

  /** Put what was read in place of what was known; a queue of null did not move. */
  private _take(queue: IListed | null, running: IListed): void {
    const queued = queue?.runs ?? this._runs.filter(isQueued);
    const found = new Map<string, RunSummary>();
    for (const run of [...queued, ...running.runs]) {
      found.set(run.run_id, run);
    }
    const missing = this._runs.filter(({ run_id }) => !found.has(run_id));
    // Lists are newest first: what is missing from a long queue may only stand in front of it.
    const isLong = queue !== null && !queue.isWhole;
    const inFront = isLong ? missing.filter(isQueued) : [];
    const gone = isLong ? missing.filter(run => !isQueued(run)) : missing;
    for (const { run_id } of [...gone, ...inFront.slice(0, SINGLES)]) {
      this._unsure.add(run_id);
    }
    this._set([...found.values(), ...inFront]);
    void this._lookAtUnsure();
  }

  /** Look at each run of which it is not known how it is; those that fail are tried again. */
  private async _lookAtUnsure(): Promise<void> {
    if (this._isLooking) {
      return;
    }
    this._isLooking = true;
    this._lookRetry.cancel();
    try {
      for (const runId of this._unsure) {
        await this._look(runId);
        this._unsure.delete(runId);
      }
      this._lookRetry.succeeded();
    } catch (reason) {
      this._lookRetry.failed(reason);
    } finally {
      this._isLooking = false;
    }
  }

  private async _look(runId: string): Promise<void> {
    let run: Run | null = null;
    try {
      run = await this._api.run(runId);
    } catch (reason) {
      if (!isNotFound(reason)) {
        throw reason;
      }
    }
    if (this._isDisposed) {
      return;
    }
    if (run && isActive(run)) {
      if (this._add(run)) {
        // It may have ended since, with nothing more to hear of it.
        this._reading.ask();
      }
      return;
    }
    if (this._runs.some(({ run_id }) => run_id === runId)) {
      this._set(this._runs.filter(({ run_id }) => run_id !== runId));
    }
    if (run) {
      this._ended.emit(run);
    } else {
      this._vanished.emit(runId);
    }
  }

  /** Whether the run was not there before. */
  private _add(run: RunSummary): boolean {
    if (
      !isOurs(run) ||
      this._runs.some(({ run_id }) => run_id === run.run_id)
    ) {
      return false;
    }
    this._set([...this._runs, run]);
    return true;
  }

  private _set(runs: readonly RunSummary[]): void {
    this._runs = runs.filter(isOurs).sort(inOrder);
    this._changed.emit(this._runs);
  }

  private readonly _reading = new Rereading(() => this._read(), PACE);
  private readonly _lookRetry = new Retry(() => void this._lookAtUnsure());
  private readonly _changed = new Signal<this, readonly RunSummary[]>(this);
  private readonly _launched = new Signal<this, RunSummary>(this);
  private readonly _ended = new Signal<this, Run>(this);
  private readonly _vanished = new Signal<this, string>(this);
  /** Runs that left the list, or were never in it: each is looked at once. */
  private readonly _unsure = new Set<string>();
  private _runs: readonly RunSummary[] = [];
  private _isQueueNew = true;
  private _isLooking = false;
  private _isDisposed = false;
}

interface IListed {
  runs: readonly RunSummary[];
  /** Whether the pages reached the end of the list. */
  isWhole: boolean;
}

function isQueued({ status }: RunSummary): boolean {
  return status === 'SCHEDULED';
}

/** The last one to start first, then the queue from its head; a place not known yet is the last. */
function inOrder(one: RunSummary, two: RunSummary): number {
  if (one.status !== two.status) {
    return one.status === 'RUNNING' ? -1 : 1;
  }
  if (!isQueued(one)) {
    return two.created_at - one.created_at;
  }
  return (
    (one.queue_position ?? Infinity) - (two.queue_position ?? Infinity) ||
    one.created_at - two.created_at
  );
}
