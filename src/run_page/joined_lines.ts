/** A notebook file holds texts as lists of lines; renderers take each text whole. */
import type * as nbformat from '@jupyterlab/nbformat';

/** The same cell with every text in one piece, as JupyterLab's own server hands notebooks out. */
export function withJoinedLines(cell: nbformat.ICell): nbformat.ICell {
  const whole = { ...cell, source: joined(cell.source) } as nbformat.ICell;
  if (Array.isArray(cell.outputs)) {
    whole.outputs = (cell.outputs as nbformat.IOutput[]).map(joinedOutput);
  }
  if (cell.attachments) {
    whole.attachments = Object.fromEntries(
      Object.entries(cell.attachments as nbformat.IAttachments).map(
        ([name, bundle]) => [name, joinedBundle(bundle ?? {})]
      )
    );
  }
  return whole;
}

function joinedOutput(output: nbformat.IOutput): nbformat.IOutput {
  const whole = { ...output };
  if ('text' in output) {
    whole.text = joined(output.text);
  }
  if ('data' in output) {
    whole.data = joinedBundle(output.data as nbformat.IMimeBundle);
  }
  return whole;
}

function joinedBundle(bundle: nbformat.IMimeBundle): nbformat.IMimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([type, value]) => [
      type,
      // A list that is JSON is meant as a list.
      /^application\/(.*\+)?json$/.test(type) ? value : joined(value)
    ])
  );
}

function joined<T>(text: T): T | string {
  return Array.isArray(text) && text.every(line => typeof line === 'string')
    ? text.join('')
    : text;
}
