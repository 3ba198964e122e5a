/** Artifacts of a real run, looked at as what they are. */
import { stat } from 'node:fs/promises';

import { expect } from '@jupyterlab/galata';

import { innermost, lookAt } from './artifacts_parts';
import { ended, openByLink, startRun, test, turnTo } from './real_runs';

const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';

/** Cells that keep files with the run. */
function keeping(files: Readonly<Record<string, string>>): string {
  return [
    'import json, jupyter_mlops',
    `for path, text in json.loads(${JSON.stringify(JSON.stringify(files))}).items():`,
    '    jupyter_mlops.log_text(text, path)'
  ].join('\n');
}

test('artifacts of every kind are looked at', async ({ page, tmpPath }) => {
  const run = await startRun(page, `${tmpPath}/kinds.ipynb`, [
    keeping({
      'notes.txt': 'plain <b>text</b>',
      'table.csv': 'name,value\nalpha,1\n"two, three",=2+3',
      'result.json': '{"a":[1,2]}',
      'report.md': '# Report\n\n| a | b |\n|---|---|\n| 1 | 2 |',
      'page.html':
        '<h1 style="color: rgb(1, 2, 3)">Page</h1><script>document.body.append("scripted")</script>',
      'drawing.svg':
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="red"/></svg>'
    }),
    `import base64, jupyter_mlops
open("picture.png", "wb").write(base64.b64decode("${PICTURE}"))
open("model.bin", "wb").write(bytes(64))
jupyter_mlops.log_artifact("picture.png")
jupyter_mlops.log_artifact("model.bin")`
  ]);
  await ended(page, run);
  const runPage = await openByLink(page, run);
  const panel = await turnTo(runPage, 'Artifacts');

  for (const [path, width] of [
    ['picture.png', 2],
    ['drawing.svg', 40]
  ] as const) {
    const image = (await lookAt(panel, path)).getByRole('img');
    await expect
      .poll(() =>
        image.evaluate(node => (node as HTMLImageElement).naturalWidth)
      )
      .toBe(width);
    expect(await image.getAttribute('src')).toMatch(/^blob:/);
  }
  await expect((await lookAt(panel, 'notes.txt')).locator('pre')).toHaveText(
    'plain <b>text</b>'
  );
  const table = await lookAt(panel, 'table.csv');
  await expect(table.getByRole('cell')).toHaveText([
    'alpha',
    '1',
    'two, three',
    '=2+3'
  ]);
  await expect((await lookAt(panel, 'result.json')).locator('pre')).toHaveText(
    '{\n  "a": [\n    1,\n    2\n  ]\n}'
  );
  const report = await lookAt(panel, 'report.md');
  await expect(report.getByRole('heading', { name: 'Report' })).toBeVisible();
  await expect(report.getByRole('cell', { name: '2' })).toBeVisible();

  const html = await lookAt(panel, 'page.html');
  const title = (await innermost(html)).locator('h1');
  await expect(title).toHaveCSS('color', 'rgb(1, 2, 3)');
  await html.getByRole('button', { name: /Run its scripts/ }).click();
  await expect((await innermost(html)).locator('body')).toContainText(
    'scripted'
  );

  const binary = await lookAt(panel, 'model.bin');
  await expect(binary).toContainText('no preview of this kind');
  const saved = page.waitForEvent('download');
  await binary.getByRole('link', { name: 'Download' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('model.bin');
  // Straight from the server, not by way of the page's memory.
  expect(file.url()).toMatch(/^http.*artifacts\/content\?path=model\.bin$/);
  expect((await stat(await file.path())).size).toBe(64);
});
