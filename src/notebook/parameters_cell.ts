/** The cell that a notebook's parameters stand in: where it goes, and what it starts with. */
import type { ICodeCell } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** The tag that papermill, and we, know the cell by. */
export const PARAMETERS_TAG = 'parameters';

/** Only Python's cell is read: elsewhere the form takes values by their keys. */
const FIRST_LINES: Readonly<Record<string, string>> = {
  python:
    '# Parameters: each line becomes a field of the Run form.\nalpha: float = 0.1  # what it is for',
  r: '# Parameters: the Run form takes other values by their keys.\nalpha <- 0.1 # what it is for',
  julia:
    '# Parameters: the Run form takes other values by their keys.\nalpha = 0.1 # what it is for'
};

/** Tell whether a cell with these tags holds the parameters. */
function isTagged(tags: unknown): boolean {
  return Array.isArray(tags) && tags.includes(PARAMETERS_TAG);
}

/** The notebook's language: its kernel writes it down, a new notebook has only the kernel's. */
function languageOf(panel: NotebookPanel): string {
  const spec = panel.model?.getMetadata('kernelspec') as
    { language?: unknown } | undefined;
  const known = panel.model?.defaultKernelLanguage || spec?.language;
  return String(known || 'python').toLowerCase();
}

/**
 * Make sure that an open notebook has a parameters cell, and go to it.
 *
 * A new one stands after the Markdown that opens the notebook. Returns whether it is new.
 */
export async function addParametersCell(
  panel: NotebookPanel
): Promise<boolean> {
  await panel.context.ready;
  await panel.revealed;
  const notebook = panel.content;
  const cells = notebook.model?.sharedModel.cells ?? [];
  let index = cells.findIndex(cell => isTagged(cell.getMetadata('tags')));
  const isNew = index < 0;
  if (isNew) {
    const code = cells.findIndex(cell => cell.cell_type === 'code');
    index = code < 0 ? cells.length : code;
    notebook.model?.sharedModel.insertCell(index, {
      cell_type: 'code',
      source: FIRST_LINES[languageOf(panel)] ?? '',
      metadata: { tags: [PARAMETERS_TAG] }
    } satisfies Partial<ICodeCell> & { cell_type: 'code' });
  }
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'smart');
  notebook.activate();
  notebook.mode = 'edit';
  return isNew;
}
