/** One run as its page shows it: read once, then again only when the feed says that it changed. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { isActive } from '../components/status_names';
import type { IMlopsApi } from '../contract/client';
import type { EventType, Run } from '../contract/types';
import { bySubject } from '../state/change_feed';
import type { IChangeFeed, IChanges } from '../state/tokens';

/** What kinds of things may be new; views reread only what they show. */
export interface IRunNews {
  readonly types: ReadonlySet<EventType>;
  /** Everything may be new. */
  readonly reset: boolean;
}

/** Holds the run; `news` tells the tabs what to read again. */
export class RunPageStore implements IDisposable {
  constructor(
    readonly api: IMlopsApi,
    readonly feed: IChangeFeed,
    readonly runId: string
  ) {
    feed.changed.connect(this._onChanges, this);
    if (feed.connection.isUsable) {
      void this.reload();
    }
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What happened to this run, after the run itself was read again. */
  get news(): ISignal<this, IRunNews> {
    return this._news;
  }

  get run(): Run | null {
    return this._run;
  }

  /** Why the last reading failed; null once one succeeds. */
  get error(): unknown {
    return this._error;
  }

  /** Whether the run may still change by itself. */
  get isLive(): boolean {
    return this._run !== null && isActive(this._run);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Read the run now; only the answer to the last question counts. */
  async reload(): Promise<void> {
    const asked = ++this._asked;
    try {
      const run = await this.api.run(this.runId);
      if (asked === this._asked && !this._isDisposed) {
        this.put(run);
      }
    } catch (reason) {
      if (asked === this._asked && !this._isDisposed) {
        this._error = reason;
        this._changed.emit();
      }
    }
  }

  /** Show an answer of the server at once. */
  put(run: Run): void {
    this._asked += 1;
    this._run = run;
    this._error = null;
    this._changed.emit();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.feed.changed.disconnect(this._onChanges, this);
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, changes: IChanges): void {
    const types = bySubject(changes.events).get(this.runId);
    if (!changes.reset && !types) {
      return;
    }
    void this.reload().then(() => {
      if (!this._isDisposed) {
        this._news.emit({ types: types ?? new Set(), reset: changes.reset });
      }
    });
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _news = new Signal<this, IRunNews>(this);
  private _run: Run | null = null;
  private _error: unknown = null;
  private _asked = 0;
  private _isDisposed = false;
}
