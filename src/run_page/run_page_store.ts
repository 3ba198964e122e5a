/** One run as its page shows it: read once, then again only when the feed says that it changed. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { isActive } from '../contract/run_status';
import type { IMlopsApi } from '../contract/client';
import type { EventType, Run } from '../contract/types';
import { bySubject } from '../state/change_feed';
import { Rereading } from '../state/rereading';
import type { IChangeFeed, IChanges } from '../state/tokens';
import { Kept } from './kept';

/** What kinds of things may be new; views reread only what they show. */
export interface IRunNews {
  readonly types: ReadonlySet<EventType>;
  /** Everything may be new. */
  readonly reset: boolean;
}

/** Milliseconds between two readings; the feed tells of changes a few times a second. */
const PAUSE = 100;

/** Holds the run, once `setLive` says that somebody looks; `news` tells the tabs what to read again. */
export class RunPageStore implements IDisposable {
  constructor(
    readonly api: IMlopsApi,
    readonly feed: IChangeFeed,
    readonly runId: string
  ) {
    this._reading.setLive(false);
    feed.changed.connect(this._onChanges, this);
    if (feed.connection.isUsable) {
      this._reading.ask();
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

  readonly kept = new Kept();

  /** Read the run now. */
  reload(): void {
    this._reading.askNow();
  }

  /** Say whether the page is on screen; a hidden one reads nothing and catches up when it is shown. */
  setLive(isLive: boolean): void {
    this._reading.setLive(isLive);
  }

  /** Show an answer of the server at once. */
  put(run: Run): void {
    this._puts += 1;
    this._show(run);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._reading.dispose();
    this.feed.changed.disconnect(this._onChanges, this);
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, changes: IChanges): void {
    const types = bySubject(changes.events).get(this.runId);
    if (!changes.reset && !types) {
      return;
    }
    this._unread = {
      types: new Set([...(this._unread?.types ?? []), ...(types ?? [])]),
      reset: changes.reset || (this._unread?.reset ?? false)
    };
    this._reading.ask();
  }

  private async _read(): Promise<void> {
    const news = this._unread;
    this._unread = null;
    const puts = this._puts;
    let failure: unknown = null;
    try {
      const run = await this.api.run(this.runId);
      if (this._isDisposed) {
        return;
      }
      if (puts === this._puts) {
        this._show(run);
      } else {
        // It was asked for before what was changed here, and may not know of it.
        this._reading.ask();
      }
    } catch (reason) {
      if (this._isDisposed) {
        return;
      }
      failure = reason;
      this._error = reason;
      this._changed.emit();
    }
    if (news) {
      this._news.emit(news);
    }
    if (failure !== null) {
      throw failure;
    }
  }

  private _show(run: Run): void {
    this._run = run;
    this._error = null;
    this._changed.emit();
  }

  private readonly _reading = new Rereading(() => this._read(), PAUSE);
  private readonly _changed = new Signal<this, void>(this);
  private readonly _news = new Signal<this, IRunNews>(this);
  private _run: Run | null = null;
  private _error: unknown = null;
  private _unread: IRunNews | null = null;
  /** How often an answer to a change was shown. */
  private _puts = 0;
  private _isDisposed = false;
}
