/**
 * Whether an open notebook's code differs from its file.
 *
 * JupyterLab calls a notebook changed when a kernel writes its version into the metadata, or a cell
 * its output. A run takes neither from the file, so only what it would execute is compared.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

/** Milliseconds of quiet after typing before the code is compared. */
const PAUSE = 400;

/** Marks the button that leaves the changes unsaved. */
const USE_SAVED = 'use-saved';

interface ICellLike {
  cell_type?: unknown;
  source?: unknown;
  metadata?: { tags?: unknown };
}

/** Follows one open notebook. */
export class UnsavedCode implements IDisposable {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _contents: Contents.IManager
  ) {
    this._compare = new Debouncer(() => this._renew(), PAUSE);
    const { context } = _panel;
    context.model.contentChanged.connect(this._onContent, this);
    context.saveState.connect(this._onSave, this);
    void this._begin();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isUnsaved(): boolean {
    return this._isUnsaved;
  }

  get isDisposed(): boolean {
    return this._compare.isDisposed;
  }

  /** Compare now, for somebody who is about to run; false when the user thinks again. */
  async settle(trans: TranslationBundle): Promise<boolean> {
    this._renew();
    if (!this._isUnsaved) {
      return true;
    }
    const { button } = await showDialog({
      title: trans.__('Save the notebook first?'),
      body: trans.__(
        '%1 has unsaved changes. A run uses the notebook as it was saved last.',
        this._panel.title.label
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.createButton({
          label: trans.__('Run the Saved Version'),
          actions: [USE_SAVED]
        }),
        Dialog.okButton({ label: trans.__('Save and Run') })
      ]
    });
    if (!button.accept || button.actions.includes(USE_SAVED)) {
      return button.actions.includes(USE_SAVED);
    }
    await this.save();
    return !this._isUnsaved;
  }

  async save(): Promise<void> {
    await this._panel.context.save();
    this._renew();
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._compare.dispose();
    Signal.clearData(this);
    const { context } = this._panel;
    if (!context.isDisposed) {
      context.model.contentChanged.disconnect(this._onContent, this);
      context.saveState.disconnect(this._onSave, this);
    }
  }

  private async _begin(): Promise<void> {
    const { context } = this._panel;
    await context.ready;
    if (this.isDisposed || context.isDisposed) {
      return;
    }
    if (!context.model.dirty) {
      this._saved = codeOfModel(context.model);
      return;
    }
    try {
      const file = await this._contents.get(context.path, { content: true });
      this._saved ??= codeOf(
        (file.content as { cells?: ICellLike[] }).cells ?? []
      );
    } catch {
      // Without the file to compare with, JupyterLab's own word has to do.
      this._saved = '';
    }
    if (!this.isDisposed) {
      this._renew();
    }
  }

  private _onContent(): void {
    void this._compare.invoke();
  }

  private _onSave(_: unknown, state: string): void {
    if (state === 'completed') {
      this._saved = codeOfModel(this._panel.context.model);
      this._renew();
    }
  }

  private _renew(): void {
    const { context } = this._panel;
    const isUnsaved =
      this._saved !== null &&
      !context.isDisposed &&
      context.model.dirty &&
      codeOfModel(context.model) !== this._saved;
    if (isUnsaved !== this._isUnsaved) {
      this._isUnsaved = isUnsaved;
      this._changed.emit();
    }
  }

  private readonly _compare: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
  /** The code of the file; null while it is not known. */
  private _saved: string | null = null;
  private _isUnsaved = false;
}

function codeOfModel(model: INotebookModel): string {
  return codeOf(
    model.sharedModel.cells.map(cell => ({
      cell_type: cell.cell_type,
      source: cell.source,
      metadata: { tags: cell.getMetadata('tags') }
    }))
  );
}

/** What a run would take from these cells, as text that can be compared. */
export function codeOf(cells: readonly ICellLike[]): string {
  return JSON.stringify(
    cells
      .filter(({ cell_type }) => cell_type === 'code')
      .map(({ source, metadata }) => [
        Array.isArray(source) ? source.join('') : source,
        metadata?.tags ?? []
      ])
  );
}
