/** Which runs of the list are selected, and which one the keyboard is on. */
import { type ISignal, Signal } from '@lumino/signaling';

/** The selection over a list of ids that may grow, shrink and move under it. */
export class RunSelection {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The run that the keyboard is on. */
  get current(): string | null {
    return this._current;
  }

  get ids(): ReadonlySet<string> {
    return this._ids;
  }

  has(runId: string): boolean {
    return this._ids.has(runId);
  }

  /** What a command acts on: the selected runs, else the one that the keyboard is on. */
  targets(): string[] {
    if (this._ids.size > 0) {
      return [...this._ids];
    }
    return this._current === null ? [] : [this._current];
  }

  /** Move to a run and leave the selection as it is. */
  moveTo(runId: string): void {
    this._anchor = runId;
    this._set(runId, this._ids);
  }

  /** Add a run to the selection, or take it out. */
  toggle(runId: string): void {
    const ids = new Set(this._ids);
    if (!ids.delete(runId)) {
      ids.add(runId);
    }
    this._anchor = runId;
    this._set(runId, ids);
  }

  /** Select everything between where the last move or toggle was and `runId`, in the order of `list`. */
  extendTo(runId: string, list: readonly string[]): void {
    const end = list.indexOf(runId);
    const start = this._anchor === null ? end : list.indexOf(this._anchor);
    if (end < 0 || start < 0) {
      this.moveTo(runId);
      return;
    }
    this._set(
      runId,
      list.slice(Math.min(start, end), Math.max(start, end) + 1)
    );
  }

  selectAll(list: readonly string[]): void {
    this._set(this._current ?? list[0] ?? null, list);
  }

  clear(): void {
    this._set(this._current, []);
  }

  /** Forget ids that the list does not hold any more; the keyboard goes to a neighbour. */
  keep(list: readonly string[], neighbour: string | null): void {
    const held = new Set(list);
    const ids = [...this._ids].filter(id => held.has(id));
    const current =
      this._current === null || held.has(this._current)
        ? this._current
        : neighbour;
    if (ids.length !== this._ids.size || current !== this._current) {
      this._set(current, ids);
    }
  }

  private _set(current: string | null, ids: Iterable<string>): void {
    this._current = current;
    this._ids = new Set(ids);
    this._changed.emit();
  }

  private _current: string | null = null;
  private _anchor: string | null = null;
  private _ids: ReadonlySet<string> = new Set();
  private readonly _changed = new Signal<this, void>(this);
}
