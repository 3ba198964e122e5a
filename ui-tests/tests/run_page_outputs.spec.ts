/** Outputs of an executed notebook that JupyterLab alone would draw, and the way to see them there. */
import { readFile } from 'node:fs/promises';

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

/** As matplotlib writes them: lines before the drawing, which nothing may come before or between. */
const DRAWING_WITH_PROLOG = `<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
${DRAWING}`;
const FRAME = `<table>
  <tbody>
    <tr><th>0</th><td>7</td></tr>
  </tbody>
</table>`;

test('outputs of several lines are drawn as they were written', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(
    page,
    `${tmpPath}/lines.ipynb`,
    [
      'print("one")\nprint("two")',
      `display({"text/html": ${JSON.stringify(FRAME)}, "text/plain": "a  b\\n0  7"}, raw=True)`,
      `display({"image/svg+xml": ${JSON.stringify(DRAWING_WITH_PROLOG)}}, raw=True)`,
      'display({"application/json": {"big": 2**60, "one": 1.0}}, raw=True)'
    ],
    { name: 'with lines' }
  );
  await ended(page, run);
  const runPage = await openByLink(page, run);
  const notebook = await turnTo(runPage, 'Notebook');
  const outputs = notebook.locator('.jp-OutputArea-output');
  await expect(outputs).toHaveCount(4);
  expect((await outputs.nth(0).innerText()).trim()).toBe('one\ntwo');
  await expect(outputs.nth(1).locator('td')).toHaveText('7');
  expect((await outputs.nth(1).innerText()).replace(/\s+/g, ' ').trim()).toBe(
    '0 7'
  );
  await expect
    .poll(() =>
      outputs
        .nth(2)
        .locator('img')
        .evaluate(node => (node as HTMLImageElement).naturalWidth)
    )
    .toBe(40);

  const saved = page.waitForEvent('download');
  await notebook.getByRole('link', { name: 'Download' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('with lines.ipynb');
  // The file of the run itself: JavaScript would write both numbers otherwise.
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain('1152921504606846976');
  expect(text).toContain('"one": 1.0');
});

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
