/** Through the trash: what is deleted for good is gone from the list and from the disk. */
import { existsSync } from 'node:fs';
import * as path from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, type Locator } from '@playwright/test';

import { execute, openPanel, runRow } from './panel_parts';
import { ended, type IRun, openByLink, startRun, test } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

const STORED = path.join(
  __dirname,
  '../.state/data/mlops/artifacts/sha256'
);

/** A run that has ended and left a file of its own. */
async function startLogging(
  page: IJupyterLabPageFixture,
  notebook: string,
  name: string
): Promise<IRun> {
  const code = `from jupyter_mlops import log_text\nlog_text("only in ${notebook}", "own.txt")`;
  const run = await startRun(page, notebook, [code], { name });
  await ended(page, run);
  return run;
}

/** Where the server keeps the file of a run. */
async function fileOf(page: IJupyterLabPageFixture, run: IRun): Promise<string> {
  const answer = await page.request.get(
    `/mlops/api/runs/${run.run_id}/artifacts`
  );
  const { artifacts } = (await answer.json()) as {
    artifacts: { digest: string }[];
  };
  const digits = artifacts[0]?.digest.replace('sha256:', '') ?? '';
  return path.join(STORED, digits.slice(0, 2), digits.slice(2));
}

async function showTrash(panel: Locator): Promise<void> {
  await panel.getByRole('button', { name: 'Show the trash' }).click();
  await expect(panel.getByText('These runs are in the trash.')).toBeVisible();
}

test('a run is deleted permanently by keyboard, with its file', async ({
  page,
  tmpPath
}) => {
  const run = await startLogging(page, `${tmpPath}/gone.ipynb`, 'goes for good');
  const file = await fileOf(page, run);
  expect(existsSync(file)).toBe(true);
  const panel = await openPanel(page);
  await execute(page, 'mlops:search-runs');
  await page.keyboard.type('goes for good');
  await expect(panel.getByRole('row')).toHaveCount(1);
  const list = panel.getByRole('grid', { name: 'Runs' });
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await expect(panel.getByRole('row')).toHaveCount(0);
  expect(existsSync(file)).toBe(true);

  await showTrash(panel);
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  const question = page.getByRole('dialog');
  await expect(question).toContainText('Delete “goes for good” permanently?');
  await expect(question).toContainText('This cannot be undone.');
  // Enter alone says no.
  await page.keyboard.press('Enter');
  await expect(question).toBeHidden();
  await expect(runRow(page, 'goes for good')).toHaveCount(1);

  await list.focus();
  await page.keyboard.press('Delete');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(runRow(page, 'goes for good')).toHaveCount(0);
  await expect.poll(() => existsSync(file)).toBe(false);
  const answer = await page.request.get(`/mlops/api/runs/${run.run_id}`);
  expect(answer.status()).toBe(404);
});

test('the page of a run in the trash offers to delete it, and says when it is gone', async ({
  page,
  tmpPath
}) => {
  const run = await startLogging(page, `${tmpPath}/page.ipynb`, 'on its page');
  const file = await fileOf(page, run);
  const runPage = await openByLink(page, run);
  await runPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(runPage.getByText('In the trash')).toBeVisible();
  await runPage.getByRole('button', { name: 'Delete permanently…' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Delete Permanently' })
    .click();
  await expect(
    page.getByText('This run was deleted permanently')
  ).toBeVisible();
  expect(existsSync(file)).toBe(false);
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`the trash passes axe in ${theme}`, async ({ page, tmpPath }) => {
    const run = await startLogging(page, `${tmpPath}/axe.ipynb`, theme);
    await page.request.delete(`/mlops/api/runs/${run.run_id}`);
    await page.theme.setTheme(theme);
    const panel = await openPanel(page);
    await showTrash(panel);
    await page.getByRole('checkbox', { name: `Select ${theme}` }).check();
    await expect(
      panel.getByRole('button', { name: 'Delete permanently…' })
    ).toBeVisible();
    const { violations } = await new AxeBuilder({ page })
      .include('#jp-mlops-panel')
      .analyze();
    expect(
      violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])
    ).toEqual([]);
  });
}

test('the trash is emptied after a question that counts the runs', async ({
  page,
  tmpPath
}) => {
  const files: string[] = [];
  for (const name of ['empty one', 'empty two']) {
    const run = await startLogging(page, `${tmpPath}/${name}.ipynb`, name);
    files.push(await fileOf(page, run));
    const answer = await page.request.delete(`/mlops/api/runs/${run.run_id}`);
    expect(answer.status()).toBe(200);
  }
  const kept = await startLogging(page, `${tmpPath}/kept.ipynb`, 'kept one');
  const panel = await openPanel(page);
  await showTrash(panel);
  await expect(runRow(page, 'empty two')).toHaveCount(1);
  await panel.getByRole('button', { name: 'Empty the trash…' }).click();
  const question = page.getByRole('dialog');
  await expect(question).toContainText(/\d+ runs will be deleted/);
  await question.getByRole('button', { name: 'Delete Permanently' }).click();
  await expect(panel.getByText('The trash is empty.')).toBeVisible();
  expect(files.filter(file => existsSync(file))).toEqual([]);
  expect(existsSync(await fileOf(page, kept))).toBe(true);
  await panel.getByRole('button', { name: 'Back to the runs' }).click();
  await expect(runRow(page, 'kept one')).toHaveCount(1);
});
