/** The tab of one run: which part it shows, and its title, which follows the run's name and state. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { RunPageStore } from '../run_page/run_page';

export class RunTab implements IDisposable {
  constructor(
    readonly runId: string,
    private _section: string | null
  ) {}

  /** The part that is shown; null while nobody chose one. */
  get section(): string | null {
    return this._section;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get widget(): Widget | null {
    return this._widget;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Show another part. */
  show(section: string): void {
    if (section !== this._section) {
      this._section = section;
      this._changed.emit();
    }
  }

  /** The name of the run, as far as it is known. */
  get name(): string | null {
    return this._name;
  }

  /** Say which widget holds the page, and what the run was called when it was last seen. */
  bind(widget: Widget, name: string | null = null): void {
    this._widget = widget;
    this._retitle(name);
  }

  /** Let the title follow the run, and end the store with the tab. */
  follow(store: RunPageStore): void {
    if (this._isDisposed) {
      store.dispose();
      return;
    }
    // The page is loaded once more after a failure.
    this._store?.dispose();
    this._store = store;
    store.changed.connect(this._onChanged, this);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._store?.dispose();
    Signal.clearData(this);
  }

  private _onChanged({ run }: RunPageStore): void {
    if (this._widget && run) {
      this._widget.title.caption = `${run.experiment} · ${run.name}`;
      this._retitle(run.name);
    }
  }

  private _retitle(name: string | null): void {
    if (this._widget && name && name !== this._name) {
      this._name = name;
      this._widget.title.label = name;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _widget: Widget | null = null;
  private _name: string | null = null;
  private _store: RunPageStore | null = null;
  private _isDisposed = false;
}
