/** From a notebook to a run: every way to the form, what the form says, and what the run gets. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { expect, test } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { execute, runForm, runRow, submit } from './panel_parts';
import { type IRun, notebook, startRun } from './real_runs';

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

/** A name that no earlier repetition on the same server gave to its run. */
function ownName(name: string): string {
  return `${name} ${test.info().repeatEachIndex}`;
}

async function logOf(
  page: Parameters<typeof runForm>[0],
  name: string
): Promise<string> {
  const { runs } = await (
    await page.request.get(`/mlops/api/runs?q=${encodeURIComponent(name)}`)
  ).json();
  const run = (runs as IRun[]).find(each => each.name === name);
  const log = await page.request.get(`/mlops/api/runs/${run?.run_id}/log?after=0`);
  return (await log.json()).text;
}

/** What the kernel of the notebook in front is doing. */
function kernelStatus(
  page: Parameters<typeof runForm>[0]
): Promise<string | undefined> {
  return page.evaluate(() => {
    const app = (window as unknown as { jupyterapp: JupyterFrontEnd }).jupyterapp;
    const panel = app.shell.currentWidget as NotebookPanel;
    return panel.sessionContext.session?.kernel?.status;
  });
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
  const name = ownName('from the form');
  await form.getByLabel('Run name').fill(name);
  await submit(page);

  await expect(runRow(page, name)).toContainText('Finished', {
    timeout: 60000
  });
  const { runs } = await (
    await page.request.get(`/mlops/api/runs?q=${encodeURIComponent(name)}`)
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

test('a run is repeated from its recorded notebook, whatever became of the file', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/changed.ipynb`;
  const first = await startRun(
    page,
    path,
    ['%%parameters\nepochs = 10\nkind = "tree"', 'print(epochs, kind)'],
    { parameters: { kind: 'forest' }, name: 'as it was' }
  );
  await write(page, path, ['%%parameters\nepochs = 50\nkind: str\nadded: int', 'added']);
  await execute(page, 'mlops:clone-run', { run_id: first.run_id });
  const form = runForm(page);
  await expect(form.getByLabel('epochs')).toHaveValue('10');
  await expect(form.getByLabel('kind')).toHaveValue('forest');
  await expect(form.getByLabel('added')).toHaveCount(0);
  const name = ownName('as it was, again');
  await form.getByLabel('Run name').fill(name);
  await submit(page);
  await expect(runRow(page, name)).toContainText('Finished', {
    timeout: 60000
  });
  expect(await logOf(page, name)).toContain('10 forest');
});

test('dates, secrets, None and long numbers reach the run as they stand in the form', async ({
  page,
  tmpPath
}) => {
  await write(page, `${tmpPath}/kinds.ipynb`, [
    `%%parameters
from datetime import date, datetime
since = date(2026, 1, 31)
start = datetime(2026, 1, 31, 14, 30)
stop_after: int | None = 5
depth: int | None = len("four")
seed = 2**60
nonce = 1
weights = [1.0, 2.0]
flag: int | str | bool = 3
api_key = ""`,
    'print(since, start, stop_after, depth, seed, nonce, weights, repr(flag), len(api_key))'
  ]);
  await execute(page, 'mlops:run-notebook', { path: `${tmpPath}/kinds.ipynb` });
  const form = runForm(page);
  await expect(form.getByLabel('seed')).toHaveValue('1152921504606846976');
  await expect(form.getByLabel('weights')).toHaveValue('[1.0, 2.0]');
  await expect(form.getByRole('checkbox', { name: 'depth is None' })).not.toBeChecked();
  await form.getByLabel('since').fill('2026-02-28');
  await form.getByLabel('start').fill('2026-02-28T09:15:30');
  await form.getByRole('checkbox', { name: 'stop_after is None' }).check();
  await form.getByLabel('nonce').fill('9007199254740993');
  await form.getByLabel('flag').fill('False');
  const secret = form.getByLabel('api_key');
  await expect(secret).toHaveAttribute('type', 'password');
  await secret.fill('hush');
  await form.getByText('Options').click();
  await form.getByLabel('Run name').fill('all kinds');
  await submit(page);
  await expect(runRow(page, 'all kinds')).toContainText('Finished', {
    timeout: 60000
  });
  await expect(secret).toHaveValue('');
  expect(await logOf(page, 'all kinds')).toContain(
    '2026-02-28 2026-02-28 09:15:30 None 4 1152921504606846976 9007199254740993 [1.0, 2.0] False 4'
  );
});

test('a notebook without a parameters cell is given values by their keys', async ({
  page,
  tmpPath
}) => {
  await write(page, `${tmpPath}/bare.ipynb`, ['print(repr(alpha), repr(flag))']);
  await execute(page, 'mlops:run-notebook', { path: `${tmpPath}/bare.ipynb` });
  const form = runForm(page);
  await form.getByRole('button', { name: 'Give a parameter by its key' }).click();
  await expect(form.getByLabel('Key of a parameter')).toBeFocused();
  await form.getByLabel('Key of a parameter').fill('not a name');
  await form.getByLabel('Value of not a name').fill('0.5');
  await submit(page);
  const name = form.getByLabel('Key of a parameter');
  await expect(name).toBeFocused();
  await expect(name).toHaveAccessibleDescription(/Python identifier/);

  await name.fill('alpha');
  await form.getByRole('button', { name: 'Add another parameter' }).click();
  await form.getByLabel('Key of a parameter').last().fill('flag');
  await form.getByLabel('Value of flag').fill('False');
  await form.getByText('Options').click();
  await form.getByLabel('Run name').fill('by name');
  await submit(page);
  await expect(runRow(page, 'by name')).toContainText('Finished', {
    timeout: 60000
  });
  expect(await logOf(page, 'by name')).toContain('0.5 False');
});

test('a notebook in a language without its kernel says so before it is run', async ({
  page,
  tmpPath
}) => {
  const text = notebook(['%%parameters\nalpha <- 0.1']).replace(
    '{"name":"python3","display_name":"Python 3","language":"python"}',
    '{"name":"ir","display_name":"R","language":"R"}'
  );
  await page.contents.uploadContent(text, 'text', `${tmpPath}/other.ipynb`);
  await execute(page, 'mlops:run-notebook', { path: `${tmpPath}/other.ipynb` });
  const form = runForm(page);
  await expect(form.getByText(/Parameters of r notebooks cannot be read/)).toBeVisible();
  await expect(form.getByText('no parameters cell')).toHaveCount(0);
  await form.getByText('Options').click();
  await expect(form.getByLabel('Kernel')).toHaveAccessibleDescription(
    /The kernel ir is not installed here/
  );
  await expect(form.getByRole('button', { name: 'Check' })).toBeDisabled();
});

test('a kernel that was switched without saving is asked about', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/switched.ipynb`;
  await write(page, path, ['%%parameters\none = 1']);
  await execute(page, 'docmanager:open', { path });
  await execute(page, 'mlops:run-notebook');
  await expect(runForm(page).getByLabel('one')).toBeVisible();
  await expect
    .poll(() => kernelStatus(page), { timeout: 60000 })
    .toBe('idle');
  await expect(page.getByText('Unsaved changes')).toHaveCount(0);
  // What JupyterLab does to the notebook when another kernel is chosen for it.
  await page.evaluate(() => {
    const app = (window as unknown as { jupyterapp: JupyterFrontEnd }).jupyterapp;
    const panel = app.shell.currentWidget as NotebookPanel;
    panel.model?.setMetadata('kernelspec', { name: 'another', display_name: 'Another' });
  });
  await expect(page.getByText('Unsaved changes are not part of a run.')).toBeVisible();
  await submit(page);
  await expect(
    page.getByText(/switched.ipynb was changed to another, which is not saved/)
  ).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(runRow(page, 'switched')).toHaveCount(0);
});

test('a long form says that it goes on, until its end is in sight', async ({
  page,
  tmpPath
}) => {
  const names = Array.from({ length: 20 }, (_, index) => `value_${index} = ${index}`);
  await write(page, `${tmpPath}/long.ipynb`, [`%%parameters\n${names.join('\n')}`]);
  await execute(page, 'mlops:run-notebook', { path: `${tmpPath}/long.ipynb` });
  const form = runForm(page);
  const more = form.getByText('More below');
  await expect(more).toBeVisible();
  await more.click();
  await expect(form.getByLabel('value_4')).toBeInViewport();
  await form.getByText('Options').scrollIntoViewIfNeeded();
  await expect(more).toHaveCount(0);
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
