/** Runs that a client of MLflow keeps: how they look in the list, on their pages, and from a link it printed. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';

import { execute, openPanel, runRow } from './panel_parts';
import { notebook, test } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

const MLFLOW = '/mlops/api/2.0/mlflow';

/** What MLflow's protocol says of a request. */
async function ask(
  page: IJupyterLabPageFixture,
  path: string,
  data: object
): Promise<Record<string, never>> {
  const answer = await page.request.post(`${MLFLOW}/${path}`, { data });
  expect(answer.status(), await answer.text()).toBe(200);
  return await answer.json();
}

async function newExperiment(page: IJupyterLabPageFixture): Promise<string> {
  const name = `mlflow ${Date.now()}`;
  return (await ask(page, 'experiments/create', { name })).experiment_id;
}

/** Log a finished run as a client does, as a part of another if one is named. */
async function logRun(
  page: IJupyterLabPageFixture,
  experiment_id: string,
  run_name: string,
  parent?: string
): Promise<string> {
  const tags = parent ? [{ key: 'mlflow.parentRunId', value: parent }] : [];
  const start_time = Date.now() - 4000;
  const { run } = (await ask(page, 'runs/create', {
    experiment_id,
    run_name,
    start_time,
    tags
  })) as unknown as { run: { info: { run_id: string } } };
  const { run_id } = run.info;
  await ask(page, 'runs/log-batch', {
    run_id,
    metrics: [{ key: 'auc', value: 0.75, timestamp: start_time, step: 0 }],
    params: [{ key: 'depth', value: '3' }]
  });
  await ask(page, 'runs/update', {
    run_id,
    status: 'FINISHED',
    end_time: Date.now()
  });
  return run_id;
}

/** Open a notebook of one cell in a kernel of its own, and run it. */
async function runCell(
  page: IJupyterLabPageFixture,
  path: string,
  cell: string
): Promise<void> {
  await page.contents.uploadContent(notebook([cell]), 'text', path);
  await execute(page, 'docmanager:open', { path });
  await expect(page.getByRole('button', { name: /\| Idle/ })).toBeVisible({
    timeout: 60000
  });
  await execute(page, 'notebook:run-all-cells');
}

/** Open what stands behind the address of the tracking server in a window of its own. */
async function follow(
  page: IJupyterLabPageFixture,
  hash: string
): Promise<Page> {
  const window = await page.context().newPage();
  await window.goto(`${new URL(page.url()).origin}/mlops/${hash}`);
  return window;
}

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`children of a run are told from it and lead to it in ${theme}`, async ({
    page
  }) => {
    await page.theme.setTheme(theme);
    const experiment = await newExperiment(page);
    const whole = await logRun(page, experiment, 'grid search');
    for (const fold of [1, 2, 3]) {
      await logRun(page, experiment, `fold ${fold}`, whole);
    }
    const panel = await openPanel(page);
    await execute(page, 'mlops:show-runs', {
      experiment_id: Number(experiment)
    });
    await expect(panel.getByRole('row')).toHaveCount(4);
    await expect(runRow(page, 'fold 1')).toContainText('↳');
    await expect(runRow(page, 'grid search')).not.toContainText('↳');

    await runRow(page, 'grid search').click();
    const runPage = page.locator('.jp-Mlops-RunPage:visible');
    const parts = runPage.locator('.jp-Mlops-ChildRuns');
    await expect(parts.getByRole('row')).toHaveCount(3);
    // A client tells of no log, cells or environment: there is nothing to turn to.
    await expect(runPage.getByRole('tab')).toHaveText([
      'Overview',
      'Artifacts'
    ]);

    // One more arrives before the reader's eyes.
    await logRun(page, experiment, 'fold 4', whole);
    await expect(parts.getByRole('row')).toHaveCount(4);
    await parts.getByRole('button', { name: 'fold 4' }).click();
    await expect(
      runPage.getByRole('heading', { name: 'fold 4' })
    ).toBeVisible();
    const { violations } = await new AxeBuilder({ page })
      .include('.jp-Mlops-RunPage')
      .include('.jp-Mlops-RunsSection')
      .analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual(
      []
    );
    await runPage.getByRole('button', { name: whole.slice(0, 8) }).click();
    await expect(
      runPage.getByRole('heading', { name: 'grid search' })
    ).toBeVisible();
  });
}

test('the address that a client prints leads to the run in JupyterLab', async ({
  page
}) => {
  const experiment = await newExperiment(page);
  const run = await logRun(page, experiment, 'printed');
  const window = await follow(page, `#/experiments/${experiment}/runs/${run}`);
  await expect(
    window
      .locator('.jp-Mlops-RunPage:visible')
      .getByRole('heading', { name: 'printed' })
  ).toBeVisible({ timeout: 60000 });
  // The link was for this visit.
  expect(window.url()).not.toContain('mlops');
});

test('the address of an experiment leads to its runs, any other to the panel', async ({
  page
}) => {
  const experiment = await newExperiment(page);
  await logRun(page, experiment, 'the only one');
  const window = await follow(page, `#/experiments/${experiment}`);
  const panel = window.getByRole('region', { name: 'MLOps' });
  await expect(panel.getByRole('row')).toHaveCount(1, { timeout: 60000 });
  await expect(panel.getByRole('row')).toContainText('the only one');
  await expect(
    panel.getByRole('combobox', { name: 'Filter by experiment' })
  ).toHaveValue(experiment);

  for (const hash of ['', '#/models/wine', '#//evil.example', '#/%0a']) {
    const other = await follow(page, hash);
    await expect(other.getByRole('region', { name: 'MLOps' })).toBeVisible({
      timeout: 60000
    });
    expect(new URL(other.url()).pathname).toMatch(/^\/lab(?:$|\/)/);
    await other.close();
  }
});

test('a link in the output of a cell opens the run in this window', async ({
  page,
  tmpPath
}) => {
  const experiment = await newExperiment(page);
  const run = await logRun(page, experiment, 'linked');
  const path = `${tmpPath}/prints.ipynb`;
  // The address that kernels have: of their own machine, on whatever port.
  const link = `http://127.0.0.1:1/mlops/#/experiments/${experiment}/runs/${run}`;
  await runCell(page, path, `print("View run linked at: ${link}")`);
  await page.locator('.jp-OutputArea').getByRole('link').click();
  await expect(
    page
      .locator('.jp-Mlops-RunPage:visible')
      .getByRole('heading', { name: 'linked' })
  ).toBeVisible();
  expect(page.context().pages()).toHaveLength(1);
});

/** What MLflow's client does at least: it finds the server in the environment, and opens a run. */
const LOGS = `import json, os, urllib.request
request = urllib.request.Request(
    os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/create",
    json.dumps({"experiment_id": "0", "run_name": "from a kernel"}).encode(),
    {
        "Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"],
        "Content-Type": "application/json",
    },
)
print(urllib.request.urlopen(request).status)`;

test('a run of a kernel tells its notebook, and ends with the kernel', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/explores.ipynb`;
  await runCell(page, path, LOGS);
  await openPanel(page);
  await execute(page, 'mlops:show-runs', { experiment_id: 0 });
  await expect(runRow(page, 'from a kernel')).toContainText('explores.ipynb');

  await runRow(page, 'from a kernel').click();
  const runPage = page.locator('.jp-Mlops-RunPage:visible');
  await runPage.getByRole('button', { name: path }).click();
  await expect(page.locator('.jp-NotebookPanel:visible')).toBeVisible();

  await page.request.delete(`/api/kernels/${await kernelOf(page, path)}`);
  await expect(runRow(page, 'from a kernel')).toContainText('Cancelled');
});

/** The kernel of an open notebook. */
async function kernelOf(
  page: IJupyterLabPageFixture,
  path: string
): Promise<string> {
  const sessions = (await (
    await page.request.get('/api/sessions')
  ).json()) as { path: string; kernel: { id: string } }[];
  return sessions.find(each => each.path === path)?.kernel.id ?? 'none';
}
