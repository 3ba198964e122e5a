import type * as nbformat from '@jupyterlab/nbformat';
import { type Contents, ServerConnection } from '@jupyterlab/services';

import { saveCopy } from '../notebook_copy';
import { aRun } from './parts';

const CONTENT: nbformat.INotebookContent = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [
    {
      cell_type: 'code',
      metadata: { trusted: true, tags: ['kept'] },
      execution_count: 1,
      source: 'x',
      outputs: []
    }
  ]
};

function refusal(status: number): ServerConnection.ResponseError {
  return new ServerConnection.ResponseError({ status } as Response);
}

/** The user's files, as the contents API has them. */
class Files {
  readonly files = new Map<string, unknown>();
  folders = ['', 'work'];
  mayRename = true;
  maySave = true;

  readonly contents = {
    newUntitled: async ({ path = '' }: Contents.ICreateOptions) => {
      if (!this.folders.includes(path)) {
        throw refusal(404);
      }
      const made = path ? `${path}/Untitled.ipynb` : 'Untitled.ipynb';
      this.files.set(made, null);
      return { path: made };
    },
    delete: async (path: string) => {
      this.files.delete(path);
    },
    save: async (path: string, { content }: Partial<Contents.IModel>) => {
      if (!this.maySave) {
        throw refusal(507);
      }
      this.files.set(path, content);
      return { path };
    },
    rename: async (path: string, next: string) => {
      if (this.files.has(next)) {
        throw refusal(409);
      }
      if (!this.mayRename) {
        throw refusal(403);
      }
      this.files.set(next, this.files.get(path));
      this.files.delete(path);
      return { path: next };
    }
  } as unknown as Contents.IManager;
}

describe('a copy of the notebook of a run', () => {
  it('lies beside its source, and tells which run it is of', async () => {
    const { contents, files } = new Files();
    const run = aRun({ notebook: 'work/train.ipynb', name: 'brave run' });
    expect(await saveCopy(contents, run, CONTENT)).toBe(
      'work/train - brave run.ipynb'
    );
    expect([...files.keys()]).toEqual(['work/train - brave run.ipynb']);
  });

  it('names the run by its id when it has no name of its own', async () => {
    const { contents } = new Files();
    expect(await saveCopy(contents, aRun({ name: 'train' }), CONTENT)).toBe(
      'train - run aaaaaaaa.ipynb'
    );
  });

  it('takes the place of no file', async () => {
    const { contents, files } = new Files();
    files.set('train - brave run.ipynb', 'mine');
    files.set('train - brave run 2.ipynb', 'mine too');
    expect(await saveCopy(contents, aRun(), CONTENT)).toBe(
      'train - brave run 3.ipynb'
    );
    expect(files.get('train - brave run.ipynb')).toBe('mine');
  });

  it('never calls itself trusted, whatever the notebook says', async () => {
    const { contents, files } = new Files();
    const path = await saveCopy(contents, aRun(), CONTENT);
    const copy = files.get(path) as nbformat.INotebookContent;
    expect(copy.cells[0]?.metadata).toEqual({ tags: ['kept'] });
  });

  it('has a name that a file may have', async () => {
    const { contents } = new Files();
    const run = aRun({ name: '../a/b:c\u0000?' });
    expect(await saveCopy(contents, run, CONTENT)).toBe(
      'train - ..-a-b-c-.ipynb'
    );
  });

  it('lies at the top when the folder of its source is gone', async () => {
    const { contents } = new Files();
    const run = aRun({ notebook: 'gone/train.ipynb' });
    expect(await saveCopy(contents, run, CONTENT)).toBe(
      'train - brave run.ipynb'
    );
  });

  it('leaves no empty notebook behind when it cannot be written', async () => {
    const files = new Files();
    files.maySave = false;
    await expect(saveCopy(files.contents, aRun(), CONTENT)).rejects.toEqual(
      refusal(507)
    );
    expect([...files.files.keys()]).toEqual([]);
  });

  it('keeps the name that the server gave it when that cannot be changed', async () => {
    const files = new Files();
    files.mayRename = false;
    expect(await saveCopy(files.contents, aRun(), CONTENT)).toBe(
      'Untitled.ipynb'
    );
  });
});
