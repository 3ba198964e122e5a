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
import { StaticNotebook } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { JSONExt } from '@lumino/coreutils';
import { Panel } from '@lumino/widgets';

import { withJoinedLines } from './joined_lines';

/** What cells need to be drawn. */
export interface INotebookTools {
  editorFactory: CodeEditor.Factory;
  mimeTypeService: IEditorMimeTypeService;
}

/** A place in the page, what the notebook says is there, and the cell once it is drawn. */
interface IShownCell {
  place: Panel;
  widget: Cell | null;
  cell: nbformat.ICell;
  source: string;
}

/** What a reader does to look elsewhere. */
const READER_MOVES = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

export class NotebookCells extends Panel {
  /** `scroller` is the element that scrolls the cells. */
  constructor(
    private readonly _tools: INotebookTools,
    private readonly _rendermime: IRenderMimeRegistry,
    scroller: Element
  ) {
    super();
    this.addClass('jp-Notebook');
    this.addClass('jp-Mlops-NotebookCells');
    this._factory = new Cell.ContentFactory({
      editorFactory: _tools.editorFactory
    });
    this._nearby = new IntersectionObserver(
      entries => this._drawNearby(entries),
      { root: scroller, rootMargin: '800px 0px' }
    );
    this._growth.observe(this.node);
  }

  /** Show this content; cells that are shown already stay where they are. */
  setContent(content: nbformat.INotebookContent): void {
    const language = content.metadata.language_info ?? { name: 'python' };
    this._mimeType = this._tools.mimeTypeService.getMimeTypeByLanguage(
      language as nbformat.ILanguageInfoMetadata
    );
    content.cells.map(withJoinedLines).forEach((cell, index) => {
      const shown = this._shown[index];
      if (shown && shown.source === sourceOf(cell)) {
        this._updateOutputs(shown, cell);
      } else {
        this._replace(index, cell);
      }
    });
    for (const extra of this._shown.splice(content.cells.length)) {
      this._forget(extra);
    }
  }

  /** Bring a cell to the top of the view, mark it, and keep it there until the reader moves. */
  reveal(index: number): void {
    this._shown.forEach(({ place }, position) =>
      place.toggleClass('jp-Mlops-mod-revealed', position === index)
    );
    const shown = this._shown[index];
    if (shown) {
      this._draw(shown);
      this._hold(shown.place.node);
    }
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._release();
    this._nearby.disconnect();
    this._growth.disconnect();
    for (const shown of this._shown.splice(0)) {
      this._forget(shown);
    }
    super.dispose();
  }

  /** Cells above are still being drawn and grow: what is held must not drift away. */
  private _hold(node: HTMLElement): void {
    this._held = node;
    node.scrollIntoView({ block: 'start' });
    for (const type of READER_MOVES) {
      document.addEventListener(type, this._release, true);
    }
  }

  private readonly _release = (): void => {
    this._held = null;
    for (const type of READER_MOVES) {
      document.removeEventListener(type, this._release, true);
    }
  };

  private _replace(index: number, cell: nbformat.ICell): void {
    const before = this._shown[index];
    if (before) {
      this._forget(before);
    }
    const place = new Panel();
    place.addClass('jp-Mlops-CellPlace');
    const shown: IShownCell = {
      place,
      widget: null,
      cell,
      source: sourceOf(cell)
    };
    this.insertWidget(index, place);
    this._shown[index] = shown;
    this._waiting.set(place.node, shown);
    this._nearby.observe(place.node);
  }

  private _drawNearby(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const shown = this._waiting.get(target);
      if (isIntersecting && shown) {
        this._draw(shown);
      }
    }
  }

  private _draw(shown: IShownCell): void {
    if (shown.widget) {
      return;
    }
    this._waiting.delete(shown.place.node);
    this._nearby.unobserve(shown.place.node);
    shown.widget = this._makeCell(shown.cell, this._mimeType);
    shown.widget.initializeState();
    shown.widget.readOnly = true;
    shown.place.addWidget(shown.widget);
  }

  private _makeCell(cell: nbformat.ICell, mimeType: string): Cell {
    const options = {
      rendermime: this._rendermime,
      contentFactory: this._factory,
      editorConfig: { readOnly: true }
    };
    switch (cell.cell_type) {
      case 'code': {
        const model = new CodeCellModel();
        model.mimeType = mimeType;
        model.sharedModel.setSource(String(cell.source));
        model.executionCount = (cell as nbformat.ICodeCell).execution_count;
        // What the notebook says of its own trust is not asked: its outputs stay untrusted.
        model.trusted = false;
        model.outputs.fromJSON(cell.outputs as nbformat.IOutput[]);
        // A cell may hold thousands of outputs: JupyterLab draws the first and a button for the rest.
        const { maxNumberOutputs } = StaticNotebook.defaultNotebookConfig;
        return new CodeCell({ ...options, model, maxNumberOutputs });
      }
      case 'markdown': {
        const model = new MarkdownCellModel();
        model.sharedModel.setSource(String(cell.source));
        model.attachments.fromJSON(
          (cell as nbformat.IMarkdownCell).attachments ?? {}
        );
        const widget = new MarkdownCell({ ...options, model });
        widget.rendered = true;
        return widget;
      }
      default: {
        const model = new RawCellModel();
        model.sharedModel.setSource(String(cell.source));
        return new RawCell({ ...options, model });
      }
    }
  }

  private _updateOutputs(shown: IShownCell, cell: nbformat.ICell): void {
    const before = outputsOf(shown.cell);
    const now = outputsOf(cell);
    const count = cell.execution_count ?? null;
    if (
      count === (shown.cell.execution_count ?? null) &&
      JSONExt.deepEqual(now, before)
    ) {
      return;
    }
    shown.cell = cell;
    if (!(shown.widget instanceof CodeCell)) {
      return;
    }
    const { model } = shown.widget;
    model.executionCount = (cell as nbformat.ICodeCell).execution_count;
    // Drawing all outputs afresh would make the page jump; the model may have joined some, though.
    if (model.outputs.length !== before.length || now.length < before.length) {
      model.outputs.fromJSON(now);
      return;
    }
    now.forEach((output, index) => {
      if (index >= before.length) {
        model.outputs.add(output);
      } else if (!JSONExt.deepEqual(output, before[index] ?? null)) {
        model.outputs.set(index, output);
      }
    });
  }

  private _forget({ place, widget }: IShownCell): void {
    this._nearby.unobserve(place.node);
    this._waiting.delete(place.node);
    const model = widget?.model;
    widget?.dispose();
    place.dispose();
    model?.dispose();
  }

  private readonly _factory: Cell.ContentFactory;
  private readonly _shown: IShownCell[] = [];
  private readonly _waiting = new Map<Element, IShownCell>();
  private readonly _nearby: IntersectionObserver;
  private readonly _growth = new ResizeObserver(() =>
    this._held?.scrollIntoView({ block: 'start' })
  );
  private _held: HTMLElement | null = null;
  private _mimeType = '';
}

function sourceOf(cell: nbformat.ICell): string {
  return `${String(cell.cell_type)}\n${String(cell.source)}`;
}

function outputsOf({ outputs }: nbformat.ICell): nbformat.IOutput[] {
  return (outputs ?? []) as nbformat.IOutput[];
}
