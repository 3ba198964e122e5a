/** The tab of one run: which part it shows, and its title, which follows the run's name and state. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { RunPageStore } from '../run_page/run_page';

export class RunTab implements IDisposable {
  constructor(
    readonly runId: string,
    private _section: string
  ) {}

  /** The part that is shown. */
  get section(): string {
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

  /** Say which widget holds the page. */
  bind(widget: Widget): void {
    this._widget = widget;
  }

  /** Let the title follow the run, and end the store with the tab. */
  follow(store: RunPageStore): void {
    if (this._isDisposed) {
      store.dispose();
      return;
    }
    this._store = store;
    store.changed.connect(this._retitle, this);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._store?.dispose();
    Signal.clearData(this);
  }

  private _retitle(store: RunPageStore): void {
    if (this._widget && store.run) {
      this._widget.title.label = store.run.name;
      this._widget.title.caption = `${store.run.experiment} · ${store.run.name}`;
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _widget: Widget | null = null;
  private _store: RunPageStore | null = null;
  private _isDisposed = false;
}
