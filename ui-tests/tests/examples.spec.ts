/** The examples, opened as a newcomer opens them. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { expect, test } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';

const FILES = path.join(__dirname, '..', '.state', 'files');
const EXAMPLES = [
  'breast_cancer',
  'diabetes',
  'digits',
  'fails_at_a_cell',
  'long_search'
];

test('a copied example is unchanged once its kernel runs', async ({ page }) => {
  const folder = 'copied examples';
  execFileSync('jupyter', ['mlops', 'examples', path.join(FILES, folder)]);
  for (const name of EXAMPLES) {
    const isDirty = await page.evaluate(
      async notebook => {
        const app = (window as unknown as { jupyterapp: JupyterFrontEnd })
          .jupyterapp;
        const panel = (await app.commands.execute('docmanager:open', {
          path: notebook
        })) as NotebookPanel;
        await panel.revealed;
        await panel.sessionContext.ready;
        const kernel = panel.sessionContext.session?.kernel;
        const info = await kernel?.info;
        await kernel?.spec;
        // What JupyterLab does with these answers it does in the same turn.
        await new Promise(resolve => setTimeout(resolve));
        const { model } = panel.context;
        if (!info || !model.getMetadata('kernelspec')) {
          throw new Error('There is no kernel.');
        }
        await panel.sessionContext.shutdown();
        return model.dirty;
      },
      `${folder}/${name}.ipynb`
    );
    expect(isDirty, name).toBe(false);
  }
});
