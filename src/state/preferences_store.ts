/** What the user prefers, on whatever browser: kept by the server, followed here. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import type { Preferences } from '../contract/types';
import { Rereading } from './rereading';
import type { IChangeFeed, IChanges, IPreferencesStore } from './tokens';

/** Milliseconds between two readings. */
const PACE = 300;

/** Reads the preferences when first needed, and again when they change elsewhere. */
export class PreferencesStore implements IPreferencesStore, IDisposable {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _feed: IChangeFeed
  ) {
    _feed.changed.connect(this._onChanges, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get now(): Preferences | null {
    return this._wanted ?? this._known;
  }

  get isDisposed(): boolean {
    return this._reading.isDisposed;
  }

  need(): void {
    if (!this._isNeeded) {
      this._isNeeded = true;
      this._reading.ask();
    }
  }

  async change(wanted: Preferences): Promise<void> {
    this._wanted = wanted;
    this._changed.emit();
    try {
      const known = await this._api.changePreferences(wanted);
      if (this._wanted === wanted) {
        this._known = known;
      }
    } finally {
      // A later wish stands, whatever became of this one.
      if (this._wanted === wanted) {
        this._wanted = null;
        this._changed.emit();
      }
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._feed.changed.disconnect(this._onChanges, this);
    this._reading.dispose();
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, { events, reset }: IChanges): void {
    const user = this._feed.connection.status?.user;
    const isNews = events.some(
      ({ type, subject }) => type === 'preferences.changed' && subject === user
    );
    if (this._isNeeded && (reset || isNews)) {
      this._reading.ask();
    }
  }

  /** A switch that cannot be read is not shown; why is told where the connection is. */
  private async _read(): Promise<void> {
    const known = await this._api.preferences();
    if (!this.isDisposed) {
      this._known = known;
      this._changed.emit();
    }
  }

  private readonly _reading = new Rereading(() => this._read(), PACE);
  private readonly _changed = new Signal<this, void>(this);
  private _known: Preferences | null = null;
  /** What was asked for, and not answered yet. */
  private _wanted: Preferences | null = null;
  private _isNeeded = false;
}
