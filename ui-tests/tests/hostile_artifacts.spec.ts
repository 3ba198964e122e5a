/** Hostile artifacts are looked at without harm (security row S17): each is its own way to attack. */
import { expect } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { innermost, lookAt } from './artifacts_parts';
import { type Files, TELLS_ITSELF } from './hostile/aims';
import { hostileImages } from './hostile/images';
import { hostileMarkdown } from './hostile/markdown';
import { everything, hostilePages } from './hostile/pages';
import { hostileScripts } from './hostile/scripts';
import { FORBIDDEN_NAMES, hostileTexts, oddNames } from './hostile/texts';
import { armed, Watch } from './hostile/watch';
import { ended, openByLink, startRun, test, turnTo } from './real_runs';

/** A cell that keeps files with the run, whatever bytes they have. */
function keeping(files: Files): string {
  const encoded = Object.entries(files).map(([path, content]) => [
    path,
    Buffer.from(content as string).toString('base64')
  ]);
  return [
    'import base64, json, jupyter_mlops',
    `for path, content in json.loads(${JSON.stringify(JSON.stringify(encoded))}):`,
    '    with open("content", "wb") as file:',
    '        file.write(base64.b64decode(content))',
    '    jupyter_mlops.log_artifact("content", path)'
  ].join('\n');
}

/** Every file is looked at in one page; what it achieved is found out after each. */
async function lookAtEach(
  panel: Locator,
  watch: Watch,
  files: Files,
  check: (preview: Locator, path: string) => Promise<void>
): Promise<void> {
  for (const path of Object.keys(files)) {
    await check(await lookAt(panel, path), path);
    expect(await watch.harm(), path).toEqual([]);
  }
}

test('hostile HTML is shown without scripts, and reaches nobody with them', async ({
  page,
  tmpPath
}) => {
  test.slow();
  const watch = await Watch.over(page);
  const pages = hostilePages(watch.origin);
  const scripts = { ...hostileScripts(watch.origin), ...everything(pages) };
  const files = { ...pages, ...scripts };
  expect(Object.keys(files).length).toBeGreaterThanOrEqual(60);
  const run = await startRun(page, `${tmpPath}/pages.ipynb`, [keeping(files)]);
  await ended(page, run);
  const panel = await turnTo(await openByLink(page, run), 'Artifacts');
  await watch.settle();

  await lookAtEach(panel, watch, files, async preview => {
    await innermost(preview);
  });
  expect(await watch.told()).toEqual([]);
  expect(watch.connections).toBe(0);

  // A page that its script sends elsewhere makes Chromium connect before it asks the policy; no request follows.
  await lookAtEach(panel, watch, scripts, async (preview, path) => {
    await preview.getByRole('button', { name: /Run its scripts/ }).click();
    await innermost(preview);
    if (path === TELLS_ITSELF) {
      await expect.poll(() => watch.told()).toContain('end');
      const told = (await watch.told()).filter(text => text !== 'end');
      expect(told.length).toBeGreaterThan(15);
      expect(told.filter(text => !text.endsWith(': refused'))).toEqual([]);
    }
  });
  expect(await watch.reachItself()).toEqual(['GET /control']);
  watch.close();
});

test('hostile pictures, texts, tables and Markdown are shown as what they are', async ({
  page,
  tmpPath
}) => {
  test.slow();
  const watch = await Watch.over(page);
  const images = hostileImages(watch.origin);
  const texts = { ...hostileTexts(watch.origin), ...oddNames() };
  const markdown = hostileMarkdown(watch.origin);
  const run = await startRun(page, `${tmpPath}/files.ipynb`, [
    keeping({ ...images, ...texts, ...markdown }),
    `for name in ${JSON.stringify(FORBIDDEN_NAMES)}:\n    jupyter_mlops.log_text("text", name)`
  ]);
  await ended(page, run);
  const panel = await turnTo(await openByLink(page, run), 'Artifacts');
  await expect(panel.locator('.jp-Mlops-Artifact')).toHaveCount(
    Object.keys({ ...images, ...texts, ...markdown }).length
  );
  await watch.settle();

  await lookAtEach(panel, watch, images, async preview => {
    // Only an image element runs nothing and loads nothing.
    await expect(preview.locator('img[src^="blob:"]')).toHaveCount(1);
    await expect(preview.locator('svg, object, embed, iframe')).toHaveCount(0);
  });
  await lookAtEach(panel, watch, texts, async (preview, path) => {
    if (path.endsWith('.HTM')) {
      await innermost(preview);
    } else if (path !== 'odd/__proto__') {
      await expect(preview).toContainText('text');
      expect(await armed(preview), path).toEqual([]);
    }
  });
  await lookAtEach(panel, watch, markdown, async (preview, path) => {
    const shown = preview.locator('.jp-Mlops-Markdown');
    await expect(shown).toContainText('text');
    expect(await armed(shown), path).toEqual([]);
  });
  expect(watch.connections).toBe(0);
  expect(await watch.reachItself()).toEqual(['GET /control']);
  watch.close();
});
