/** The first steps, each through its button, until none is left and the list goes away. */
import { expect, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { execute, runForm, runRow, submit } from './panel_parts';
import { notebook } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });
test.setTimeout(180000);

/** In the place of the examples that a newcomer has: the buttons look for their names. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'examples/breast_cancer.ipynb': [
    '%%parameters\nalpha = 0.1',
    'print(alpha)'
  ],
  'examples/fails_at_a_cell.ipynb': ['print("fine")', '1 / 0']
};

/** Runs of other tests are not this newcomer's. */
async function forgetOlderRuns(page: IJupyterLabPageFixture): Promise<void> {
  const since = Date.now();
  await page.route(/\/mlops\/api\/runs\?/, async route => {
    const response = await route.fetch();
    const body = (await response.json()) as {
      runs: { created_at: number }[];
    };
    const runs = body.runs.filter(({ created_at }) => created_at >= since);
    await route.fulfill({ response, json: { ...body, runs } });
  });
  await page.route(/\/mlops\/api\/notebooks\/parameters\?/, async route => {
    const response = await route.fetch();
    const body = (await response.json()) as object;
    await route.fulfill({ response, json: { ...body, last_used: {} } });
  });
}

async function isOpen(steps: Locator, title: string): Promise<Locator> {
  const step = steps.locator('[aria-current="step"]');
  await expect(step).toContainText(title, { timeout: 60000 });
  return step;
}

async function showMe(steps: Locator, title: string): Promise<void> {
  await (await isOpen(steps, title))
    .getByRole('button', { name: 'Show me' })
    .click();
}

test.afterEach(async ({ page }) => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.contents.deleteDirectory('examples');
});

test('a newcomer goes through all first steps by their buttons', async ({
  page
}) => {
  for (const [path, cells] of Object.entries(EXAMPLES)) {
    await page.contents.uploadContent(notebook(cells), 'text', path);
  }
  await forgetOlderRuns(page);
  await page.reload();
  await page.sidebar.openTab('jp-mlops-panel');
  const steps = page.getByRole('region', { name: 'First steps' });

  await showMe(steps, 'Run a notebook');
  await expect(runForm(page).getByLabel('alpha')).toHaveValue('0.1');
  await submit(page);
  await expect(runRow(page, 'breast_cancer')).toContainText('Finished', {
    timeout: 60000
  });

  await showMe(steps, 'Look at the run');
  await expect(
    page.getByRole('heading', { name: 'breast_cancer' })
  ).toBeVisible();

  await showMe(steps, 'Run it with other parameters');
  await expect(
    page.getByText('From the recorded notebook of an earlier run.')
  ).toBeVisible();
  await runForm(page).getByLabel('alpha').fill('0.2');
  await submit(page);

  await showMe(steps, 'See where a run failed');
  await expect(page.locator('#jp-mlops-run')).toContainText('fails_at_a_cell');
  await submit(page);
  await expect(runRow(page, 'fails_at_a_cell')).toContainText('Cell error', {
    timeout: 60000
  });
  await showMe(steps, 'See where a run failed');
  await expect(
    page.getByRole('heading', { name: 'fails_at_a_cell' })
  ).toBeVisible();

  await showMe(steps, 'Track code of your own');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Select Kernel' })
    .click();
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-CodeCell').first()
  ).toContainText('start_run');
  await expect(page.getByRole('button', { name: /\| Idle/ })).toBeVisible();
  await page.notebook.runCell(0);

  // It goes away by itself; the row stays.
  await expect(
    page.getByText('All first steps are done: the rest is yours.')
  ).toBeVisible({ timeout: 60000 });
  await expect(steps).toHaveCount(0);
  await expect(runRow(page, 'my own code')).toContainText('Finished', {
    timeout: 60000
  });
  await execute(page, 'mlops:first-steps');
  await expect(steps.getByText('5 of 5')).toBeVisible();
});
