/** Through the panel: the list by keyboard, the trash, the Running panel, light and dark, without a server. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import type { Route } from '@playwright/test';

import { execute, openPanel, runForm, runRow } from './panel_parts';
import { ended, notebook, startRun } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

const SHORT = ['print("short")'];
/** Until the file `stop` is there, so that nothing depends on the machine's pace. */
const LONG = [
  `from pathlib import Path
import time
while not Path("stop").exists():
    time.sleep(0.1)`
];

test('runs are found, selected, deleted and brought back by keyboard', async ({
  page,
  tmpPath
}) => {
  const one = await startRun(page, `${tmpPath}/keys.ipynb`, SHORT, {
    name: 'keys one'
  });
  const two = await startRun(page, `${tmpPath}/keys.ipynb`, SHORT, {
    name: 'keys two'
  });
  await ended(page, one);
  await ended(page, two);
  const panel = await openPanel(page);
  await execute(page, 'mlops:search-runs');
  await page.keyboard.type('keys');
  await expect(panel.getByRole('row')).toHaveCount(2);

  await panel.getByRole('grid', { name: 'Runs' }).focus();
  await page.keyboard.press('Control+a');
  await expect(panel.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel.getByText('2 selected')).toHaveCount(0);
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await expect(panel.getByRole('row')).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel.getByRole('row')).toHaveCount(2);

  await panel.getByRole('grid', { name: 'Runs' }).focus();
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('heading', { name: /keys (one|two)/ })
  ).toBeVisible();

  // Who is used to opening by two clicks marks no words of the list with them.
  await panel.getByText('keys two').dblclick();
  expect(await page.evaluate(() => String(getSelection()))).toBe('');
});

test('the trash keeps deleted runs until they are restored', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/bin.ipynb`, SHORT, {
    name: 'binned'
  });
  await ended(page, run);
  const panel = await openPanel(page);
  await runRow(page, 'binned').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete Run' }).click();
  await expect(runRow(page, 'binned')).toHaveCount(0);
  await execute(page, 'mlops:show-trash');
  await runRow(page, 'binned').hover();
  await page.getByRole('button', { name: 'Restore binned' }).click();
  await expect(runRow(page, 'binned')).toHaveCount(0);
  await panel.getByRole('button', { name: 'Back to the runs' }).click();
  await expect(runRow(page, 'binned')).toHaveCount(1);
});

test('an active run is in the Running panel, and is cancelled there', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/long.ipynb`, LONG, {
    name: 'long one'
  });
  await page.sidebar.openTab('jp-running-sessions');
  const item = page
    .locator('#jp-running-sessions')
    .getByRole('treeitem')
    .filter({ hasText: 'long one' });
  await expect(item).toContainText('Cell 1 of 1', { timeout: 30000 });
  await item.hover();
  await item.getByTitle('Cancel Run').click();
  await ended(page, run, 'KILLED');
  await expect(item).toHaveCount(0);
});

test('a run that was started here reports in a notification', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/told.ipynb`, SHORT, {
    name: 'told'
  });
  await ended(page, run);
  await openPanel(page);
  await execute(page, 'mlops:rerun', { run_id: run.run_id });
  const notice = page.getByRole('alert').filter({ hasText: 'told finished' });
  await expect(notice).toBeVisible({ timeout: 60000 });
  await notice.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('heading', { name: 'told' })).toBeVisible();
});

for (const theme of ['light', 'dark']) {
  test(`the panel has no barrier that axe knows, in ${theme}`, async ({
    page,
    tmpPath
  }) => {
    if (theme === 'dark') {
      await page.theme.setDarkTheme();
    }
    const cells = [
      '%%parameters\nalpha: float = 0.1  # {min: 0, max: 1}\nname = "a"\nseed: int | None = None',
      'print(alpha)'
    ];
    const run = await startRun(page, `${tmpPath}/axe.ipynb`, cells, {
      name: `axe ${theme}`
    });
    await ended(page, run);
    await page.sidebar.openTab('jp-mlops-panel');
    await execute(page, 'mlops:run-notebook', {
      path: `${tmpPath}/axe.ipynb`
    });
    const form = runForm(page);
    await form.getByText('Options').click();
    await form.getByLabel('alpha').fill('9');
    await form.getByLabel('name', { exact: true }).focus();
    await expect(runRow(page, `axe ${theme}`)).toContainText('Finished');
    await page.getByRole('checkbox', { name: `Select axe ${theme}` }).check();
    const { violations } = await new AxeBuilder({ page })
      .include('#jp-mlops-panel')
      .analyze();
    expect(
      violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])
    ).toEqual([]);
  });
}

test('list and run page beside each other have no barrier, and no id twice', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/both.ipynb`, SHORT, {
    name: 'beside'
  });
  await ended(page, run);
  await openPanel(page);
  await runRow(page, 'beside').click();
  await expect(page.getByRole('heading', { name: 'beside' })).toBeVisible();
  const { violations } = await new AxeBuilder({ page })
    .include('#jp-mlops-panel')
    .include('.jp-Mlops-RunPage')
    .analyze();
  expect(
    violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])
  ).toEqual([]);
  const ids = await page
    .locator('[id^="jp-mlops"]')
    .evaluateAll(nodes => nodes.map(({ id }) => id));
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);

  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('The link to the run is copied.')).toBeVisible();
});

test('a run page that does not arrive says so, and is loaded when told to', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/chunk.ipynb`, SHORT, {
    name: 'not arrived'
  });
  await ended(page, run);
  await openPanel(page);
  await expect(runRow(page, 'not arrived')).toBeVisible();
  await page.route('**/extensions/jupyter-mlops/static/**', route =>
    route.abort()
  );
  await runRow(page, 'not arrived').click();
  const failure = page
    .getByRole('alert')
    .filter({ hasText: 'This part could not be shown' });
  await expect(failure).toBeVisible();
  await page.unroute('**/extensions/jupyter-mlops/static/**');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(
    page.getByRole('heading', { name: 'not arrived' })
  ).toBeVisible();
});

test('what was typed into the form outlives a restart of the server', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/typed.ipynb`;
  await page.contents.uploadContent(
    notebook(['%%parameters\nalpha = 0.1', 'print(alpha)']),
    'text',
    path
  );
  const panel = await openPanel(page);
  await execute(page, 'mlops:run-notebook', { path });
  const alpha = runForm(page).getByLabel('alpha');
  await alpha.fill('0.375');

  const answerWith = (
    answer: (route: Route) => Promise<void>
  ): Promise<unknown> => page.route('**/mlops/api/**', answer);
  await answerWith(route => route.abort());
  await execute(page, 'mlops:refresh-runs').catch(() => undefined);
  await expect(
    panel.getByText('The server does not answer').first()
  ).toBeVisible();
  const status = await (await page.request.get('/mlops/api/status')).json();
  await answerWith(route =>
    route.fulfill({ json: { ...status, state: 'starting' } })
  );
  await panel.getByRole('button', { name: 'Try now' }).first().click();
  await expect(
    panel.getByText('The server is opening the store…').first()
  ).toBeVisible();
  await answerWith(route =>
    route.fulfill({ status: 401, json: { message: 'Unauthorized' } })
  );
  await expect(
    panel.getByRole('link', { name: 'Log in again' }).first()
  ).toBeVisible();
  await expect(alpha).toHaveValue('0.375');

  await page.unroute('**/mlops/api/**');
  await panel.getByRole('button', { name: 'Try now' }).first().click();
  await expect(panel.getByRole('status').filter({ hasText: 'signed out' })).toHaveCount(0);
  await expect(alpha).toHaveValue('0.375');
});

test('the panel says what to do where the server part is missing', async ({
  page
}) => {
  await page.route('**/mlops/api/**', route =>
    route.fulfill({ status: 404, body: '<html>Not Found</html>' })
  );
  await page.reload();
  await page.sidebar.openTab('jp-mlops-panel');
  const panel = page.getByRole('region', { name: 'MLOps' });
  await expect(
    panel.getByText('The server part is missing').first()
  ).toBeVisible({ timeout: 30000 });
  await expect(
    panel.getByText('pip install jupyter-mlops').first()
  ).toBeVisible();

  await page.unroute('**/mlops/api/**');
  await panel.getByRole('button', { name: 'Try again' }).first().click();
  await expect(panel.getByRole('search')).toBeVisible();
});

test('runs stay on the screen while the server is away, and go on when it is back', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/away.ipynb`, SHORT, {
    name: 'before it'
  });
  await ended(page, run);
  const panel = await openPanel(page);
  await expect(runRow(page, 'before it')).toBeVisible();
  await page.route('**/mlops/api/**', route => route.abort());
  await execute(page, 'mlops:refresh-runs').catch(() => undefined);
  await expect(
    panel.getByText('The server does not answer').first()
  ).toBeVisible();
  await page.unroute('**/mlops/api/**');
  await panel.getByRole('button', { name: 'Try now' }).first().click();
  await expect(panel.getByText('The server does not answer')).toHaveCount(0);
  await expect(runRow(page, 'before it')).toBeVisible();
});
