/** Which notebook the Run form is for: the one in front, or one that somebody chose. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

/** The contents paths of a notebook before and after it was renamed. */
export interface IRenaming {
  from: string;
  to: string;
}

/** The form's notebook as views read it. */
export interface IRunTarget {
  /** Another notebook, or another run to clone. */
  readonly changed: ISignal<IRunTarget, void>;
  /** The same notebook, with new content on the disk. */
  readonly saved: ISignal<IRunTarget, void>;
  /** The same notebook under another name; `changed` follows. */
  readonly renamed: ISignal<IRunTarget, IRenaming>;
  /** The notebook was opened or closed. */
  readonly panelChanged: ISignal<IRunTarget, void>;
  /** Contents path without a drive name that only the browser knows. */
  readonly path: string | null;
  /** The run whose parameters the form starts from. */
  readonly clonedRun: string | null;
  /** Whether the form stays with this notebook although another one is in front. */
  readonly isChosen: boolean;
  /** The open notebook; null when it is only a file. */
  readonly panel: NotebookPanel | null;
  choose(path: string): void;
  clone(runId: string, path: string | null): void;
  /** Follow the notebook in front again. */
  release(): void;
  /** Tell once that the form should take the focus: somebody asked for it by a command. */
  takeFocus(): boolean;
  /** Read the notebook again and put the focus into its form. */
  requestFocus(): void;
}

/** Follows JupyterLab's notebook tracker until a notebook is chosen. */
export class RunTarget implements IRunTarget, IDisposable {
  constructor(
    private readonly _tracker: INotebookTracker | null,
    private readonly _contents: Contents.IManager
  ) {
    _tracker?.currentChanged.connect(this._onFront, this);
    this._onFront();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get saved(): ISignal<this, void> {
    return this._saved;
  }

  get renamed(): ISignal<this, IRenaming> {
    return this._renamed;
  }

  get panelChanged(): ISignal<this, void> {
    return this._panelChanged;
  }

  get path(): string | null {
    return this._path;
  }

  get clonedRun(): string | null {
    return this._clonedRun;
  }

  get isChosen(): boolean {
    return this._isChosen;
  }

  get panel(): NotebookPanel | null {
    return this._panel;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  choose(path: string): void {
    this._isChosen = this._pathOf(this._tracker?.currentWidget) !== path;
    this._set(this._contents.localPath(path), null);
  }

  clone(runId: string, path: string | null): void {
    this._isChosen = true;
    this._set(path, runId);
  }

  release(): void {
    this._isChosen = false;
    this._set(this._pathOf(this._tracker?.currentWidget), null);
  }

  requestFocus(): void {
    this._wantsFocus = true;
    this._changed.emit();
  }

  takeFocus(): boolean {
    const wanted = this._wantsFocus;
    this._wantsFocus = false;
    return wanted;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._tracker?.currentChanged.disconnect(this._onFront, this);
    this._watch(null);
    Signal.clearData(this);
  }

  private _onFront(): void {
    const front = this._tracker?.currentWidget ?? null;
    if (front?.isDisposed) {
      return;
    }
    const path = this._pathOf(front);
    // Closing the last notebook is no reason to lose what was chosen.
    if (this._isChosen && path === null) {
      return;
    }
    this._isChosen = false;
    if (path !== this._path || this._clonedRun !== null) {
      this._set(path, null);
    } else {
      this._watch(this._find(path));
    }
  }

  private _set(path: string | null, clonedRun: string | null): void {
    this._path = path;
    this._clonedRun = clonedRun;
    this._watch(this._find(path));
    this._changed.emit();
  }

  private _pathOf(panel: NotebookPanel | null | undefined): string | null {
    return panel ? this._contents.localPath(panel.context.path) : null;
  }

  private _find(path: string | null): NotebookPanel | null {
    return path === null
      ? null
      : (this._tracker?.find(panel => this._pathOf(panel) === path) ?? null);
  }

  private _watch(panel: NotebookPanel | null): void {
    if (panel === this._panel) {
      return;
    }
    const before = this._panel;
    if (before && !before.isDisposed) {
      before.context.pathChanged.disconnect(this._onRenamed, this);
      before.context.saveState.disconnect(this._onSave, this);
      before.disposed.disconnect(this._onClosed, this);
    }
    this._panel = panel;
    if (panel) {
      panel.context.pathChanged.connect(this._onRenamed, this);
      panel.context.saveState.connect(this._onSave, this);
      panel.disposed.connect(this._onClosed, this);
    }
    this._panelChanged.emit();
  }

  private _onRenamed(_: unknown, path: string): void {
    const from = this._path;
    const to = this._contents.localPath(path);
    this._path = to;
    if (from !== null) {
      this._renamed.emit({ from, to });
    }
    this._changed.emit();
  }

  private _onSave(_: unknown, state: string): void {
    if (state === 'completed') {
      this._saved.emit();
    }
  }

  private _onClosed(): void {
    this._watch(null);
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _saved = new Signal<this, void>(this);
  private readonly _renamed = new Signal<this, IRenaming>(this);
  private readonly _panelChanged = new Signal<this, void>(this);
  private _path: string | null = null;
  private _clonedRun: string | null = null;
  private _isChosen = false;
  private _wantsFocus = false;
  private _panel: NotebookPanel | null = null;
  private _isDisposed = false;
}
