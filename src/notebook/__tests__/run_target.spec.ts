import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { type IRenaming, RunTarget } from '../run_target';

/** As much of an open notebook as the target follows. */
class Panel {
  readonly disposed = new Signal<this, void>(this);
  readonly isDisposed = false;
  readonly context = {
    path: 'Untitled.ipynb',
    pathChanged: new Signal<this, string>(this),
    saveState: new Signal<this, string>(this)
  };
}

describe('the notebook of the Run form', () => {
  it('is told by its old and new names when it is renamed, before it is read again', () => {
    const panel = new Panel();
    const tracker = {
      currentWidget: panel,
      currentChanged: new Signal<object, Panel>({}),
      find: (test: (each: Panel) => boolean) =>
        test(panel) ? panel : undefined
    };
    const contents = { localPath: (path: string) => path };
    const target = new RunTarget(
      tracker as unknown as INotebookTracker,
      contents as Contents.IManager
    );
    const told: (IRenaming | string | null)[] = [];
    target.renamed.connect((_, renaming) => told.push(renaming));
    target.changed.connect(({ path }) => told.push(path));
    panel.context.path = 'train.ipynb';
    panel.context.pathChanged.emit('train.ipynb');
    expect(told).toEqual([
      { from: 'Untitled.ipynb', to: 'train.ipynb' },
      'train.ipynb'
    ]);
    target.dispose();
  });
});
