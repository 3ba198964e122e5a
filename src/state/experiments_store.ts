/** The experiments: for the filter of the list and the choice in the Run form. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import type { Experiment } from '../contract/types';
import { Rereading } from './rereading';
import type { IChangeFeed, IChanges, IExperimentsStore } from './tokens';

/** Milliseconds between two readings. */
const PACE = 300;

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
    _feed.changed.connect(this._onChanges, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get experiments(): readonly Experiment[] {
    return this._experiments;
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

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._feed.changed.disconnect(this._onChanges, this);
    this._reading.dispose();
    Signal.clearData(this);
  }

  private _onChanges(_: unknown, { events, reset }: IChanges): void {
    if (
      this._isNeeded &&
      (reset || events.some(({ type }) => NEWS.has(type)))
    ) {
      this._reading.ask();
    }
  }

  /** Names to choose from are a convenience: that they cannot be read is not shown. */
  private async _read(): Promise<void> {
    const { experiments } = await this._api.experiments();
    if (!this.isDisposed) {
      this._experiments = experiments;
      this._changed.emit();
    }
  }

  private readonly _reading = new Rereading(() => this._read(), PACE);
  private readonly _changed = new Signal<this, void>(this);
  private _experiments: readonly Experiment[] = [];
  private _isNeeded = false;
}
