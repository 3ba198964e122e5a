/** The experiments: for the filter of the list and the choice in the Run form. */
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import type { Experiment } from '../contract/types';
import type { IChangeFeed, IChanges, IExperimentsStore } from './tokens';

const NEWS: ReadonlySet<string> = new Set([
  'experiment.created',
  'run.created',
  'run.deleted',
  'run.restored'
]);

/** Reads experiments when first needed, and again when their names or counts change. */
export class ExperimentsStore implements IExperimentsStore, IDisposable {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _feed: IChangeFeed
  ) {
    this._reader = new Debouncer(() => this._read(), 300);
    _feed.changed.connect(this._onChanges, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get experiments(): readonly Experiment[] {
    return this._experiments;
  }

  get isDisposed(): boolean {
    return this._reader.isDisposed;
  }

  need(): void {
    if (!this._isNeeded) {
      this._isNeeded = true;
      void this._read();
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._feed.changed.disconnect(this._onChanges, this);
    this._reader.dispose();
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, { events, reset }: IChanges): void {
    if (
      this._isNeeded &&
      (reset || events.some(({ type }) => NEWS.has(type)))
    ) {
      this._reader.invoke().catch(() => undefined);
    }
  }

  private async _read(): Promise<void> {
    try {
      const { experiments } = await this._api.experiments();
      if (!this.isDisposed) {
        this._experiments = experiments;
        this._changed.emit();
      }
    } catch {
      // Names to choose from are a convenience; the feed asks again after the next change.
    }
  }

  private readonly _reader: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
  private _experiments: readonly Experiment[] = [];
  private _isNeeded = false;
}
