/** Outputs of an executed notebook that JupyterLab alone would draw, and the way to see them there. */
import { expect } from '@jupyterlab/galata';

import { ended, openByLink, startRun, test, turnTo } from './real_runs';

const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="red"/></svg>';
const CHART = {
  'application/vnd.vegalite.v5+json': {
    data: { values: [{ a: 1 }] },
    mark: 'bar',
    encoding: { x: { field: 'a', type: 'quantitative' } }
  },
  'text/plain': 'alt.Chart(...)'
};

test('drawings are shown, charts are not but can be in a copy that is not trusted', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(
    page,
    `${tmpPath}/charts.ipynb`,
    [
      `import json
from IPython.display import SVG, display
display(SVG(${JSON.stringify(DRAWING)}))`,
      `display(json.loads(${JSON.stringify(JSON.stringify(CHART))}), raw=True)`,
      'display({"text/html": "<b>text</b><script>window.canary = 1</script>"}, raw=True)'
    ],
    { name: 'with charts' }
  );
  await ended(page, run);
  const runPage = await openByLink(page, run);
  const notebook = await turnTo(runPage, 'Notebook');
  const picture = notebook.locator('.jp-RenderedImage img');
  await expect
    .poll(() =>
      picture.evaluate(node => (node as HTMLImageElement).naturalWidth)
    )
    .toBe(40);
  expect(await picture.getAttribute('src')).toMatch(/^blob:/);
  const chart = notebook.locator('.jp-Cell').nth(1);
  await expect(chart).toContainText('is not drawn here');
  await expect(chart).toContainText('alt.Chart(...)');

  await notebook
    .getByRole('button', { name: 'Open a copy in JupyterLab' })
    .click();
  const copy = page.locator('.jp-NotebookPanel:visible');
  await expect(copy.locator('.vega-embed canvas')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'charts - with charts' })).toBeVisible();
  const path = `${tmpPath}/charts - with charts.ipynb`;
  const { content } = await (
    await page.request.get(`/api/contents/${encodeURIComponent(path)}`)
  ).json();
  expect(
    content.cells.map(
      (cell: { metadata: { trusted?: boolean } }) => cell.metadata.trusted
    )
  ).toContain(false);
  expect(
    await page.evaluate(() => (window as { canary?: number }).canary)
  ).toBeUndefined();
});
