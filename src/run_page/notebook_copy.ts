/** A copy of a run's notebook among the user's own files, where all of JupyterLab can be used on it. */
import { PathExt } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import { type Contents, ServerConnection } from '@jupyterlab/services';

import type { Run } from '../contract/types';

/** Names that are tried before the copy keeps the one that the server gave it. */
const NAMES = 100;
const NAME_MAX = 80;

/**
 * Write the copy beside the source notebook, under a name that is free; its path.
 *
 * The server makes the file under a new name of its own, which is then changed to one that tells where it
 * comes from: neither step overwrites a file.
 */
export async function saveCopy(
  contents: Contents.IManager,
  run: Run,
  content: nbformat.INotebookContent
): Promise<string> {
  const source = run.notebook ?? '';
  const made = await newNotebook(contents, PathExt.dirname(source));
  try {
    await contents.save(made, {
      type: 'notebook',
      format: 'json',
      content: untrusted(content)
    });
  } catch (reason) {
    // Nothing is in it; that it stays where it cannot be deleted is not what went wrong.
    await contents.delete(made).catch(() => undefined);
    throw reason;
  }
  const stem = PathExt.basename(source, PathExt.extname(source)) || 'run';
  // A run that nobody named has the name of its notebook.
  const which = run.name === stem ? `run ${run.run_id.slice(0, 8)}` : run.name;
  const name = fileName(`${stem} - ${which}`);
  for (let turn = 1; turn <= NAMES; turn++) {
    const free = turn === 1 ? name : `${name} ${turn}`;
    const path = PathExt.join(PathExt.dirname(made), `${free}.ipynb`);
    try {
      return (await contents.rename(made, path)).path;
    } catch (reason) {
      if (statusOf(reason) !== 409) {
        break;
      }
    }
  }
  return made;
}

/** The folder of the source may be gone by now; the top one is there. */
async function newNotebook(
  contents: Contents.IManager,
  folder: string
): Promise<string> {
  const make = async (path: string): Promise<string> =>
    (await contents.newUntitled({ path, type: 'notebook' })).path;
  try {
    return await make(folder);
  } catch (reason) {
    if (folder && statusOf(reason) === 404) {
      return make('');
    }
    throw reason;
  }
}

/** A notebook that calls itself trusted would be signed as such by the server when it is saved. */
export function untrusted(
  content: nbformat.INotebookContent
): nbformat.INotebookContent {
  return {
    ...content,
    cells: content.cells.map(cell => {
      const metadata = { ...cell.metadata };
      delete metadata.trusted;
      return { ...cell, metadata };
    })
  };
}

/** A run is named as people like; a file is not. */
function fileName(name: string): string {
  return (
    name
      // eslint-disable-next-line no-control-regex -- control characters are what is taken out
      .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, '-')
      .replace(/^[.\s]+|[.\s]+$/g, '')
      .slice(0, NAME_MAX)
      .trim() || 'run'
  );
}

function statusOf(reason: unknown): number {
  return reason instanceof ServerConnection.ResponseError
    ? reason.response.status
    : 0;
}
