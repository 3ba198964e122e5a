/** What a run does shows at once, in every open page, and in one that was closed meanwhile. */
import type { Page } from '@playwright/test';
import { expect, type IJupyterLabPageFixture } from '@jupyterlab/galata';

import { openPanel, runRow } from './panel_parts';
import { ended, type IRun, says, startRun, test } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

/** Each cell logs a loss and waits for the file of its number, so that the test sets the pace. */
const STEPS = [
  `import time
from pathlib import Path

import jupyter_mlops as mlops

def step(number, loss):
    mlops.log_metric("loss", loss, step=number)
    while not Path(f"go{number}").exists():
        time.sleep(0.05)

step(0, 0.75)`,
  'step(1, 0.5)',
  'step(2, 0.125)'
];

async function goOn(
  page: IJupyterLabPageFixture,
  folder: string,
  step: number
): Promise<void> {
  await page.contents.uploadContent('', 'text', `${folder}/go${step}`);
}

/** Another window of the same user, at the page of a run. */
async function openWindow(
  page: IJupyterLabPageFixture,
  run: IRun
): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(`lab?mlops-run=${run.run_id}`);
  await expect(
    other.getByRole('heading', { name: run.name, exact: true })
  ).toBeVisible({ timeout: 60000 });
  return other;
}

test('the metric of a row is named, and moves while its run goes on', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/live.ipynb`, STEPS, {
    name: 'live row'
  });
  await openPanel(page);
  const row = runRow(page, 'live row');
  const curve = row.locator('.jp-Mlops-Sparkline-line');
  await expect(row).toContainText('loss', { timeout: 60000 });
  await expect(row).toContainText('0.75');
  await goOn(page, tmpPath, 0);
  await expect(row).toContainText('0.5');
  await expect(row).toContainText('loss');
  const before = await curve.getAttribute('d');
  await goOn(page, tmpPath, 1);
  await expect(row).toContainText('0.125');
  await expect(curve).not.toHaveAttribute('d', before ?? '');
  await goOn(page, tmpPath, 2);
  await ended(page, run);
});

test('two windows keep in step', async ({ page, tmpPath }) => {
  const run = await startRun(page, `${tmpPath}/two.ipynb`, STEPS, {
    name: 'seen twice'
  });
  await openPanel(page);
  const row = runRow(page, 'seen twice');
  const other = await openWindow(page, run);
  const runPage = other.locator('.jp-Mlops-RunPage:visible');
  await says(runPage, 'Running');
  await expect(row).toContainText('Cell 1 of 3');

  await runPage.getByRole('button', { name: 'Cancel' }).click();
  await expect(row).toContainText('Cancelled', { timeout: 30000 });
  await says(runPage, 'Cancelled');

  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete Run', exact: true }).click();
  await expect(runPage.getByText('In the trash')).toBeVisible();
  await runPage.getByRole('button', { name: 'Restore' }).click();
  await expect(runRow(page, 'seen twice')).toBeVisible();
  await expect(runPage.getByText('In the trash')).toBeHidden();
  await other.close();
});

test('a window that is closed during a run and opened again shows it live', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/closed.ipynb`, STEPS, {
    name: 'left alone'
  });
  const first = await openWindow(page, run);
  await expect(first.getByText('Cell 1 of 3').first()).toBeVisible({
    timeout: 60000
  });
  await first.close();
  await goOn(page, tmpPath, 0);

  const again = await openWindow(page, run);
  await expect(again.getByText('Cell 2 of 3').first()).toBeVisible();
  await goOn(page, tmpPath, 1);
  await expect(again.getByText('Cell 3 of 3').first()).toBeVisible();
  await goOn(page, tmpPath, 2);
  await says(again.locator('.jp-Mlops-RunPage:visible'), 'Finished');
  await again.close();
});
