import { expect, test } from '@jupyterlab/galata';
import type { JupyterFrontEnd } from '@jupyterlab/application';

test('every plugin is active after JupyterLab has started', async ({
  page
}) => {
  const plugins = await page.evaluate(() => {
    const app = (window as unknown as { jupyterapp: JupyterFrontEnd })
      .jupyterapp;
    return app
      .listPlugins()
      .filter(id => id.startsWith('jupyter-mlops:'))
      .map(id => ({ id, active: app.isPluginActivated(id) }));
  });

  expect(plugins.length).toBeGreaterThan(0);
  expect(plugins.filter(({ active }) => !active)).toEqual([]);
});
