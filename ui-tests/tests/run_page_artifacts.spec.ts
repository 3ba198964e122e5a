/** Artifacts of a real run: looked at, and, when they are hostile, without harm (security row S17). */
import { expect } from '@jupyterlab/galata';
import type { Frame, Locator, Page } from '@playwright/test';

import { HOSTILE, IN_SCRIPTS, ORIGIN } from './hostile_files';
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

/** Choose a file; the look at it. */
async function lookAt(panel: Locator, path: string): Promise<Locator> {
  await panel
    .locator('.jp-Mlops-Artifact')
    .filter({ has: panel.page().getByText(path, { exact: true }) })
    .click();
  const preview = panel.getByRole('region', { name: path, exact: true });
  await expect(preview).toBeVisible();
  return preview;
}

/** The frame that holds the file, inside the frame that holds that. */
async function innermost(preview: Locator): Promise<Frame> {
  const outer = await (
    await preview.locator('iframe').elementHandle()
  )?.contentFrame();
  await expect.poll(() => outer?.childFrames().length).toBe(1);
  const inner = outer?.childFrames()[0];
  if (!inner) {
    throw new Error('The file is in no frame.');
  }
  await inner.waitForLoadState();
  return inner;
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
  await binary.getByRole('button', { name: 'Download' }).click();
  expect((await saved).suggestedFilename()).toBe('model.bin');
});

test('hostile artifacts reach neither the page nor the network', async ({
  page,
  tmpPath
}) => {
  test.slow();
  const sent: string[] = [];
  // What the policy of the frame blocks never comes as far as here.
  await page.route(
    url => url.href.startsWith(ORIGIN) || url.href.includes('canary'),
    route => {
      sent.push(route.request().url());
      return route.abort();
    }
  );
  const run = await startRun(page, `${tmpPath}/files.ipynb`, [
    keeping(HOSTILE)
  ]);
  await ended(page, run);
  const runPage = await openByLink(page, run);
  const panel = await turnTo(runPage, 'Artifacts');
  await listen(page);

  for (const path of Object.keys(HOSTILE)) {
    const preview = await lookAt(panel, path);
    if (path.endsWith('.html')) {
      await innermost(preview);
    } else if (path.endsWith('.svg')) {
      await expect(preview.getByRole('img')).toBeVisible();
    } else {
      await expect(preview.locator('.jp-Mlops-Markdown')).toContainText('text');
      await expect(
        preview.locator(
          '[data-commandlinker-command], [name], [id], script, iframe, form[action]'
        )
      ).toHaveCount(0);
      for (const link of await preview.locator('a[href]').all()) {
        expect(await link.getAttribute('href')).not.toMatch(/^\s*javascript/i);
      }
    }
    expect(await told(page), path).toEqual([]);
    expect(await touched(page), path).toEqual([]);
  }
  expect(sent).toEqual([]);

  // What a reader allows to run still reaches nobody, and says so itself.
  for (const path of Object.keys(HOSTILE).filter(name =>
    name.endsWith('.html')
  )) {
    const preview = await lookAt(panel, path);
    await preview.getByRole('button', { name: /Run its scripts/ }).click();
    await innermost(preview);
    if (path === IN_SCRIPTS) {
      await expect
        .poll(() => told(page))
        .toEqual([
          'parent: refused',
          'top: refused',
          'cookie: refused',
          'localStorage: refused',
          'fetch: refused'
        ]);
    }
    expect(await touched(page), path).toEqual([]);
    await expect(runPage).toBeVisible();
  }
  expect(sent).toEqual([]);
});

interface IWatched {
  canary?: unknown;
  told?: string[];
}

/** Keep what frames tell the page. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const messages: string[] = [];
    (window as unknown as IWatched).told = messages;
    window.addEventListener('message', event => {
      const text = (event.data as { hostile?: string } | null)?.hostile;
      if (text) {
        messages.push(text);
      }
    });
  });
}

function told(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as IWatched).told ?? []);
}

/** What hostile files wanted to change in the page. */
function touched(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ((window as unknown as IWatched).canary !== undefined) {
      found.push('window');
    }
    if (localStorage.getItem('canary') !== null) {
      found.push('storage');
    }
    if (document.cookie.includes('canary')) {
      found.push('cookie');
    }
    if (document.title.includes('canary')) {
      found.push('title');
    }
    return found;
  });
}
