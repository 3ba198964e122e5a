/**
 * Whether an open notebook would run differently than its file.
 *
 * JupyterLab calls a notebook changed when a kernel writes its version into the metadata, or a cell
 * its output. A run takes neither from the file, so only its code and the name of its kernel are compared.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { isSameKernel } from './kernel_choice';

/** Milliseconds of quiet after typing before the code is compared. */
const PAUSE = 400;

/** Marks the button that leaves the changes unsaved. */
const USE_SAVED = 'use-saved';

interface ICellLike {
  cell_type?: unknown;
  source?: unknown;
  metadata?: { tags?: unknown };
}

interface INotebookLike {
  cells?: readonly ICellLike[];
  metadata?: { kernelspec?: unknown };
}

/** What a run takes from a notebook, in a form that can be compared. */
export interface IRunnable {
  code: string;
  /** Null when the notebook names no kernel. */
  kernel: string | null;
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
    return this._changes.code || this._changes.kernel;
  }

  get isDisposed(): boolean {
    return this._compare.isDisposed;
  }

  /**
   * Compare now, for somebody who is about to run; false when the user thinks again.
   *
   * The notebook's kernel does not matter where the run is given another one.
   */
  async settle(
    trans: TranslationBundle,
    usesOwnKernel: boolean
  ): Promise<boolean> {
    this._renew();
    const { code, kernel } = this._changes;
    if (!code && !(kernel && usesOwnKernel)) {
      return true;
    }
    const { button } = await showDialog({
      title: trans.__('Save the notebook first?'),
      body: code
        ? trans.__(
            '%1 has unsaved changes. A run uses the notebook as it was saved last.',
            this._panel.title.label
          )
        : trans.__(
            'The kernel of %1 was changed to %2, which is not saved. A run uses the notebook as it was saved last, with %3.',
            this._panel.title.label,
            runnableOfModel(this._panel.context.model).kernel,
            this._saved?.kernel ?? trans.__('no kernel named in it')
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
    return !this.isUnsaved;
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
      this._saved = runnableOfModel(context.model);
      return;
    }
    try {
      const file = await this._contents.get(context.path, { content: true });
      this._saved ??= runnableOf(file.content as INotebookLike);
    } catch {
      // Without the file to compare with, JupyterLab's own word has to do.
      this._saved ??= { ...runnableOfModel(context.model), code: '' };
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
      this._saved = runnableOfModel(this._panel.context.model);
      this._renew();
    }
  }

  private _renew(): void {
    const { context } = this._panel;
    const before = this._changes;
    const isDirty = !context.isDisposed && context.model.dirty;
    if (this._saved === null || !isDirty) {
      this._changes = { code: false, kernel: false };
    } else {
      const now = runnableOfModel(context.model);
      this._changes = {
        code: now.code !== this._saved.code,
        kernel: !isSameKernel(now.kernel, this._saved.kernel)
      };
    }
    const { code, kernel } = this._changes;
    if (code !== before.code || kernel !== before.kernel) {
      this._changed.emit();
    }
  }

  private readonly _compare: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
  /** What the file holds; null while it is not known. */
  private _saved: IRunnable | null = null;
  private _changes = { code: false, kernel: false };
}

function runnableOfModel(model: INotebookModel): IRunnable {
  return runnableOf({
    cells: model.sharedModel.cells.map(cell => ({
      cell_type: cell.cell_type,
      source: cell.source,
      metadata: { tags: cell.getMetadata('tags') }
    })),
    metadata: { kernelspec: model.getMetadata('kernelspec') as unknown }
  });
}

/** What a run would take from this notebook. */
export function runnableOf({ cells, metadata }: INotebookLike): IRunnable {
  const spec = metadata?.kernelspec as { name?: unknown } | null | undefined;
  return {
    code: JSON.stringify(
      (cells ?? [])
        .filter(({ cell_type }) => cell_type === 'code')
        .map(cell => [
          Array.isArray(cell.source) ? cell.source.join('') : cell.source,
          cell.metadata?.tags ?? []
        ])
    ),
    kernel: typeof spec?.name === 'string' && spec.name ? spec.name : null
  };
}
