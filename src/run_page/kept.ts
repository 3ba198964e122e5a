/** What the reader typed and chose in the tabs, by name: it outlives a change of the tab. */
import { type ISignal, Signal } from '@lumino/signaling';

/** Tells of each change, as one may come from a tab that was left while it waited for the server. */
export class Kept {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get(name: string): unknown {
    return this._values.get(name);
  }

  set(name: string, value: unknown): void {
    this._values.set(name, value);
    this._changed.emit();
  }

  private readonly _values = new Map<string, unknown>();
  private readonly _changed = new Signal<this, void>(this);
}
