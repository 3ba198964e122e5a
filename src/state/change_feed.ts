/**
 * What happened on the server since we last looked.
 *
 * A Jupyter event `{seq}` is only a hint that something did; the facts are read after our own
 * cursor. While no hint comes (the socket is away, the tab was hidden) the same question is asked
 * at intervals, so hints make it quick and polling makes it sure.
 */
import type { Event as JupyterEvent } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import type { Event, EventType } from '../contract/types';
import { ConnectionStore } from './connection_store';
import type { IChangeFeed, IChanges } from './tokens';

/** The Jupyter event that hints at news. */
export const CHANGED_SCHEMA =
  'https://events.jupyter.org/jupyter_mlops/changed/v1';

/** Collect what happened to each subject: `run_id` → types. */
export function bySubject(
  events: readonly Event[]
): Map<string, Set<EventType>> {
  const found = new Map<string, Set<EventType>>();
  for (const { subject, type } of events) {
    const types = found.get(subject) ?? new Set<EventType>();
    found.set(subject, types.add(type));
  }
  return found;
}

/** More pages than this are not worth replaying: one reset is cheaper. */
const MOST_PAGES = 10;
const PAGE = 1000;
/** Milliseconds between two looks at a server whose store is being opened. */
const SOON = 500;

export interface IChangeFeedOptions {
  api: IMlopsApi;
  /** JupyterLab's stream of events; null where there is none. */
  stream: JupyterEvent.Stream | null;
  /** Milliseconds between two looks without a hint. */
  interval?: number;
}

/** Reads changes one question at a time, on hints and at intervals. */
export class ChangeFeed implements IChangeFeed, IDisposable {
  constructor(options: IChangeFeedOptions) {
    this._api = options.api;
    this._stream = options.stream;
    this.connection = new ConnectionStore(
      () => void this.refresh(),
      options.api
    );
    this._stream?.connect(this._onHint, this);
    document.addEventListener('visibilitychange', this._onVisibility);
    this._poll = new Poll({
      name: 'jupyter-mlops:change-feed',
      auto: false,
      standby: 'when-hidden',
      frequency: {
        interval: options.interval ?? 5000,
        backoff: true,
        max: 60_000
      },
      factory: () => this._look()
    });
  }

  readonly connection: ConnectionStore;

  get changed(): ISignal<this, IChanges> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  /** Begin to look; before this nothing is asked. */
  start(): void {
    this._isStarted = true;
    void this._poll.start();
  }

  async refresh(): Promise<void> {
    if (this.isDisposed) {
      return;
    }
    try {
      await this._look();
    } catch {
      // The connection store holds the reason, and the poll tries again by itself.
      return;
    }
    if (this._isStarted) {
      await this._poll.schedule({ phase: 'resolved' });
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._stream?.disconnect(this._onHint, this);
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._poll.dispose();
    Signal.clearData(this);
  }

  /** Look now; a look under way is followed by one more, so that nothing is missed between. */
  private _look(): Promise<void> {
    if (this._looking) {
      this._next ??= this._looking
        .catch(() => undefined)
        .then(() => {
          this._next = null;
          return this._look();
        });
      return this._next;
    }
    this._looking = this._read().finally(() => {
      this._looking = null;
    });
    return this._looking;
  }

  private async _read(): Promise<void> {
    try {
      if (this._seq === null || !this.connection.isUsable) {
        await this._connect();
      } else {
        await this._follow(this._seq);
      }
    } catch (reason) {
      if (!this.isDisposed) {
        this.connection.failed(reason);
      }
      throw reason;
    }
  }

  private async _connect(): Promise<void> {
    const status = await this._api.status();
    if (this.isDisposed) {
      return;
    }
    this.connection.answered(status);
    if (!this.connection.isUsable) {
      if (status.state === 'starting') {
        void this._poll.schedule({ phase: 'resolved', interval: SOON });
      }
      return;
    }
    this._seq = status.seq;
    this._changed.emit({ events: [], reset: true });
  }

  private async _follow(after: number): Promise<void> {
    const events: Event[] = [];
    let cursor = after;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await this._api.events(cursor, PAGE);
      if (this.isDisposed) {
        return;
      }
      if (page.reset || page.seq < cursor) {
        return this._connect();
      }
      events.push(...page.events);
      const last = page.events.at(-1);
      cursor = last ? last.seq : page.seq;
      if (cursor >= page.seq) {
        this._seq = page.seq;
        if (events.length > 0) {
          this._changed.emit({ events, reset: false });
        }
        return;
      }
    }
    return this._connect();
  }

  private _onHint(_: unknown, event: JupyterEvent.Emission): void {
    if (event.schema_id !== CHANGED_SCHEMA) {
      return;
    }
    // Anybody who may emit events may send this one: it only makes us look.
    const { seq } = event;
    if (typeof seq === 'number' && this._seq !== null && seq <= this._seq) {
      return;
    }
    // Nobody looks at a hidden tab: it catches up when it is seen again.
    if (this._isStarted && !document.hidden) {
      void this.refresh();
    }
  }

  private readonly _onVisibility = (): void => {
    if (!document.hidden && this._isStarted) {
      void this.refresh();
    }
  };

  private readonly _api: IMlopsApi;
  private readonly _stream: JupyterEvent.Stream | null;
  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, IChanges>(this);
  private _isStarted = false;
  private _seq: number | null = null;
  private _looking: Promise<void> | null = null;
  private _next: Promise<void> | null = null;
}
