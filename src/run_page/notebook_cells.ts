/**
 * An executed notebook, read-only, drawn by JupyterLab's own cells and renderers.
 *
 * Each cell has a place in the page and is drawn there when the place comes near the screen. When the notebook is
 * read again only what differs is touched, so the reader keeps their place while a run goes on.
 */
import '../../style/run_notebook.css';

import {
  Cell,
  CodeCell,
  CodeCellModel,
  MarkdownCell,
  MarkdownCellModel,
  RawCell,
  RawCellModel
} from '@jupyterlab/cells';
import type {
  CodeEditor,
  IEditorMimeTypeService
} from '@jupyterlab/codeeditor';
import type * as nbformat from '@jupyterlab/nbformat';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Panel } from '@lumino/widgets';

/** What cells need to be drawn. */
export interface INotebookTools {
  editorFactory: CodeEditor.Factory;
  mimeTypeService: IEditorMimeTypeService;
}

/** A shown cell, the place where it is drawn, and the JSON it was made from. */
interface IShownCell {
  place: Panel;
  widget: Cell;
  source: string;
  outputs: string;
}

export class NotebookCells extends Panel {
  constructor(
    private readonly _tools: INotebookTools,
    private readonly _rendermime: IRenderMimeRegistry
  ) {
    super();
    this.addClass('jp-Notebook');
    this.addClass('jp-Mlops-NotebookCells');
    this._factory = new Cell.ContentFactory({
      editorFactory: _tools.editorFactory
    });
  }

  /** Show this content; cells that are shown already stay where they are. */
  setContent(content: nbformat.INotebookContent): void {
    const language = content.metadata.language_info ?? { name: 'python' };
    const mimeType = this._tools.mimeTypeService.getMimeTypeByLanguage(
      language as nbformat.ILanguageInfoMetadata
    );
    content.cells.forEach((cell, index) => {
      const shown = this._shown[index];
      if (shown && shown.source === sourceOf(cell)) {
        this._updateOutputs(shown, cell);
      } else {
        this._replace(index, cell, mimeType);
      }
    });
    for (const extra of this._shown.splice(content.cells.length)) {
      this._forget(extra);
    }
  }

  /** Bring a cell to the top of the view and mark it. */
  reveal(index: number): void {
    this._shown.forEach(({ place }, position) =>
      place.toggleClass('jp-Mlops-mod-revealed', position === index)
    );
    const shown = this._shown[index];
    if (shown) {
      draw(shown);
      shown.place.node.scrollIntoView({ block: 'start' });
    }
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._observer.disconnect();
    for (const shown of this._shown.splice(0)) {
      this._forget(shown);
    }
    super.dispose();
  }

  private _replace(
    index: number,
    cell: nbformat.ICell,
    mimeType: string
  ): void {
    const before = this._shown[index];
    if (before) {
      this._forget(before);
    }
    const place = new Panel();
    place.addClass('jp-Mlops-CellPlace');
    const shown = {
      place,
      widget: this._makeCell(cell, mimeType),
      source: sourceOf(cell),
      outputs: outputsOf(cell)
    };
    this.insertWidget(index, place);
    this._shown[index] = shown;
    this._waiting.set(place.node, shown);
    this._observer.observe(place.node);
  }

  private _makeCell(cell: nbformat.ICell, mimeType: string): Cell {
    const options = {
      rendermime: this._rendermime,
      contentFactory: this._factory
    };
    switch (cell.cell_type) {
      case 'code': {
        const model = new CodeCellModel();
        model.mimeType = mimeType;
        model.sharedModel.setSource(text(cell.source));
        model.executionCount = (cell as nbformat.ICodeCell).execution_count;
        // What the notebook says of its own trust is not asked: its outputs stay untrusted.
        model.trusted = false;
        model.outputs.fromJSON(cell.outputs as nbformat.IOutput[]);
        return new CodeCell({ ...options, model });
      }
      case 'markdown': {
        const model = new MarkdownCellModel();
        model.sharedModel.setSource(text(cell.source));
        const widget = new MarkdownCell({ ...options, model });
        widget.rendered = true;
        return widget;
      }
      default: {
        const model = new RawCellModel();
        model.sharedModel.setSource(text(cell.source));
        return new RawCell({ ...options, model });
      }
    }
  }

  private _updateOutputs(shown: IShownCell, cell: nbformat.ICell): void {
    const outputs = outputsOf(cell);
    if (!(shown.widget instanceof CodeCell) || outputs === shown.outputs) {
      return;
    }
    shown.outputs = outputs;
    const { model } = shown.widget;
    model.executionCount = (cell as nbformat.ICodeCell).execution_count;
    model.outputs.fromJSON(cell.outputs as nbformat.IOutput[]);
  }

  private _forget({ place, widget }: IShownCell): void {
    this._observer.unobserve(place.node);
    this._waiting.delete(place.node);
    const { model } = widget;
    widget.dispose();
    place.dispose();
    model.dispose();
  }

  private readonly _factory: Cell.ContentFactory;
  private readonly _shown: IShownCell[] = [];
  private readonly _waiting = new Map<Element, IShownCell>();
  private readonly _observer = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries) {
        const shown = this._waiting.get(target);
        if (isIntersecting && shown) {
          draw(shown);
          this._waiting.delete(target);
          this._observer.unobserve(target);
        }
      }
    },
    { rootMargin: '600px 0px' }
  );
}

function draw({ place, widget }: IShownCell): void {
  if (!widget.isAttached && !widget.parent) {
    widget.initializeState();
    widget.readOnly = true;
    place.addWidget(widget);
  }
}

function text(source: nbformat.MultilineString): string {
  return Array.isArray(source) ? source.join('') : source;
}

function sourceOf(cell: nbformat.ICell): string {
  return `${String(cell.cell_type)}\n${text(cell.source)}`;
}

function outputsOf(cell: nbformat.ICell): string {
  return JSON.stringify([cell.execution_count ?? null, cell.outputs ?? null]);
}
