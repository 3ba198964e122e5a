/** What this window has asked of the server about runs and waits for: a second click is the same wish. */
import { type ISignal, Signal } from '@lumino/signaling';

export type PendingAction = 'cancel' | 'rerun';

/** Which actions on which runs are under way. */
export class PendingActions {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  has(action: PendingAction, runId: string): boolean {
    return this._keys.has(keyOf(action, runId));
  }

  /** Begin with those runs for which the action is not under way already; these are returned. */
  begin(action: PendingAction, runIds: readonly string[]): string[] {
    const fresh = runIds.filter(runId => !this.has(action, runId));
    for (const runId of fresh) {
      this._keys.add(keyOf(action, runId));
    }
    if (fresh.length > 0) {
      this._changed.emit();
    }
    return fresh;
  }

  end(action: PendingAction, runId: string): void {
    if (this._keys.delete(keyOf(action, runId))) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _keys = new Set<string>();
}

function keyOf(action: PendingAction, runId: string): string {
  return `${action} ${runId}`;
}
