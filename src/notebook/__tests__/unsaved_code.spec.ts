import { Dialog } from '@jupyterlab/apputils';
import { NotebookModel, type NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { until } from '../../contract/__tests__/in_memory_server';
import { runnableOf, UnsavedCode } from '../unsaved_code';

const trans = nullTranslator.load('jupyter_mlops');

describe('what a run takes from a notebook', () => {
  const cell = { cell_type: 'code', source: ['a = 1\n', 'b'], metadata: {} };
  const code = (...cells: object[]): string => runnableOf({ cells }).code;

  it('is the same however the source is split, and whatever the outputs are', () => {
    expect(code(cell)).toBe(
      code({ ...cell, source: 'a = 1\nb', outputs: [1] })
    );
    expect(code(cell)).toBe(
      code(cell, { cell_type: 'markdown', source: 'text' })
    );
  });

  it('differs by source and by tag', () => {
    expect(code(cell)).not.toBe(code({ ...cell, source: 'a = 2' }));
    expect(code(cell)).not.toBe(
      code({ ...cell, metadata: { tags: ['parameters'] } })
    );
  });

  it('names a kernel or none', () => {
    const kernel = (kernelspec: unknown): string | null =>
      runnableOf({ metadata: { kernelspec } }).kernel;
    expect(kernel({ name: 'ir' })).toBe('ir');
    expect([kernel(undefined), kernel({}), kernel({ name: '' })]).toEqual([
      null,
      null,
      null
    ]);
  });
});

/** An open notebook, as far as its changes are concerned. */
function open(): {
  code: UnsavedCode;
  model: NotebookModel;
  save: jest.Mock;
} {
  const model = new NotebookModel();
  model.setMetadata('kernelspec', { name: 'python3' });
  model.dirty = false;
  const saveState = new Signal<object, string>({});
  const save = jest.fn(() => {
    model.dirty = false;
    saveState.emit('completed');
    return Promise.resolve();
  });
  const context = {
    model,
    saveState,
    save,
    ready: Promise.resolve(),
    isDisposed: false,
    path: 'a.ipynb'
  };
  const panel = { context, title: { label: 'a.ipynb' } };
  const code = new UnsavedCode(
    panel as unknown as NotebookPanel,
    {} as Contents.IManager
  );
  return { code, model, save };
}

/** Answer the question that is on the screen; its text. */
async function answer(button: string): Promise<string> {
  await until(() => document.querySelector('.jp-Dialog button') !== null);
  const dialog = document.querySelector('.jp-Dialog');
  const text = dialog?.textContent ?? '';
  const found = [...(dialog?.querySelectorAll('button') ?? [])].find(
    ({ textContent }) => textContent === button
  );
  found?.click();
  await until(() => document.querySelector('.jp-Dialog') === null);
  return text;
}

describe('an open notebook whose kernel was changed', () => {
  const kernelspec = (name: string): object => ({ name, display_name: name });
  let notebook: ReturnType<typeof open>;
  beforeEach(async () => {
    notebook = open();
    await Promise.resolve();
    notebook.model.setMetadata('kernelspec', kernelspec('ir'));
  });
  afterEach(() => {
    notebook.code.dispose();
    Dialog.flush();
  });

  it('is asked about before a run with the kernel of the file', async () => {
    const settled = notebook.code.settle(trans, true);
    expect(await answer('Save and Run')).toContain(
      'The kernel of a.ipynb was changed to ir'
    );
    expect(await settled).toBe(true);
    expect(notebook.save).toHaveBeenCalledTimes(1);
    expect(await notebook.code.settle(trans, true)).toBe(true);
  });

  it('does not run when the user thinks again', async () => {
    const settled = notebook.code.settle(trans, true);
    await answer('Cancel');
    expect(await settled).toBe(false);
    expect(notebook.save).not.toHaveBeenCalled();
  });

  it('says so beside the form', async () => {
    await until(() => notebook.code.isUnsaved);
  });

  it('is not asked about where the run is given a kernel of its own', async () => {
    expect(await notebook.code.settle(trans, false)).toBe(true);
  });

  it('is as saved again once it has its kernel back, whatever the capitals', async () => {
    notebook.model.setMetadata('kernelspec', kernelspec('Python3'));
    expect(await notebook.code.settle(trans, true)).toBe(true);
  });
});
