/** From a notebook to a run: every way to the form, what the form says, and what the run gets. */
import { expect, test } from '@jupyterlab/galata';

import { execute, runForm, runRow, submit } from './panel_parts';
import { notebook } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

const PARAMETERS = `%%parameters
alpha: float = 0.1  # How far each step goes {min: 0, max: 1}
kind: str = "tree"  # {choices: ["tree", "forest"]}
layers = [16, 8]
verbose = False`;
const PRINT = 'print(alpha, kind, layers, verbose)';

async function write(
  page: Parameters<typeof runForm>[0],
  path: string,
  cells: string[]
): Promise<void> {
  await page.contents.uploadContent(notebook(cells), 'text', path);
  await page.filebrowser.refresh();
}

test('a notebook is run from the file browser with parameters from its form', async ({
  page,
  tmpPath
}) => {
  await write(page, `${tmpPath}/wine.ipynb`, [PARAMETERS, PRINT]);
  await page.filebrowser.openDirectory(tmpPath);
  await page
    .getByRole('listitem', { name: /wine.ipynb/ })
    .click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run with Parameters…' }).click();

  const form = runForm(page);
  const alpha = form.getByRole('textbox', { name: 'alpha' });
  await expect(alpha).toBeFocused();
  await expect(alpha).toHaveValue('0.1');
  await alpha.fill('0.25');
  await form.getByLabel('kind').selectOption('forest');
  await form.getByLabel('layers').fill('[4]');
  await form.getByRole('switch', { name: 'verbose' }).check();
  await form.getByLabel('Experiment').fill('journeys');
  await form.getByText('Options').click();
  await form.getByLabel('Run name').fill('from the form');
  await submit(page);

  await expect(runRow(page, 'from the form')).toContainText('Finished', {
    timeout: 60000
  });
  const { runs } = await (
    await page.request.get('/mlops/api/runs?q=from+the+form')
  ).json();
  const run = await (
    await page.request.get(`/mlops/api/runs/${runs[0].run_id}`)
  ).json();
  expect(run.experiment).toBe('journeys');
  const log = await (
    await page.request.get(`/mlops/api/runs/${run.run_id}/log?after=0`)
  ).json();
  expect(log.text).toContain('0.25 forest [4] True');
});

test('a wrong value is said at its field, before and after asking the server', async ({
  page,
  tmpPath
}) => {
  await write(page, `${tmpPath}/wrong.ipynb`, [PARAMETERS, PRINT]);
  await execute(page, 'mlops:run-notebook', {
    path: `${tmpPath}/wrong.ipynb`
  });
  const form = runForm(page);
  const alpha = form.getByRole('textbox', { name: 'alpha' });
  await alpha.fill('7');
  await submit(page);
  await expect(alpha).toBeFocused();
  await expect(alpha).toHaveAccessibleDescription(/At most 1 is allowed/);

  await alpha.fill('0.5');
  await form.getByText('Options').click();
  const copy = form.getByLabel('Save executed notebook to');
  await copy.fill('no/such/folder/out.ipynb');
  await submit(page);
  await expect(copy).toBeFocused();
  await expect(copy).toHaveAccessibleDescription(/does not exist/);
});

test('the form follows the notebook in front, and offers to save its code', async ({
  page,
  tmpPath
}) => {
  await write(page, `${tmpPath}/first.ipynb`, ['%%parameters\none = 1', 'one']);
  await write(page, `${tmpPath}/second.ipynb`, ['two = 2']);
  await execute(page, 'docmanager:open', { path: `${tmpPath}/first.ipynb` });
  await execute(page, 'mlops:run-notebook');
  await expect(runForm(page).getByLabel('one')).toBeVisible();

  await execute(page, 'docmanager:open', { path: `${tmpPath}/second.ipynb` });
  await expect(
    page.getByText('This notebook has no parameters cell.')
  ).toBeVisible();
  await expect(page.getByText('Unsaved changes')).toHaveCount(0);

  await page
    .getByRole('button', { name: 'Add a parameters cell' })
    .click();
  await expect(
    page.getByText('Unsaved changes are not part of a run.')
  ).toBeVisible();
  await submit(page);
  await page.getByRole('button', { name: 'Save and Run' }).click();
  await expect(runForm(page).getByLabel('alpha')).toHaveValue('0.1');
  await expect(runRow(page, 'second')).toContainText('Finished', {
    timeout: 60000
  });
});

test('a run is repeated with other parameters', async ({ page, tmpPath }) => {
  await write(page, `${tmpPath}/again.ipynb`, [PARAMETERS, PRINT]);
  const answer = await page.request.post('/mlops/api/runs', {
    data: {
      notebook: `${tmpPath}/again.ipynb`,
      parameters: { alpha: 0.75 },
      name: 'first time'
    }
  });
  const { run_id } = await answer.json();
  await execute(page, 'mlops:clone-run', { run_id });
  const form = runForm(page);
  await expect(form.getByRole('textbox', { name: 'alpha' })).toHaveValue('0.75');
  await form.getByLabel('kind').selectOption('forest');
  await form.getByLabel('Run name').fill('second time');
  await submit(page);
  await expect(runRow(page, 'second time')).toContainText('Finished', {
    timeout: 60000
  });
});

test('the chosen kernel is tried out before anything runs', async ({
  page,
  tmpPath
}) => {
  await write(page, `${tmpPath}/kernel.ipynb`, [PARAMETERS]);
  await execute(page, 'mlops:run-notebook', {
    path: `${tmpPath}/kernel.ipynb`
  });
  const form = runForm(page);
  await form.getByText('Options').click();
  await form.getByRole('button', { name: 'Check' }).click();
  await expect(form.getByText(/answers after/)).toBeVisible({
    timeout: 60000
  });
});
