/** Autologging with MLflow: the switch of the panel, what the form proposes, and what a run was asked for. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { execute, openPanel, runForm, runRow, submit } from './panel_parts';
import { notebook } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

const CELLS = ['%%parameters\nalpha = 0.1', 'print(alpha)'];

function ofPanel(panel: Locator): Locator {
  return panel.locator('#jp-mlops-autolog').getByRole('switch');
}

/** The switch of the form, which stands among the options. */
async function ofForm(page: IJupyterLabPageFixture): Promise<Locator> {
  const control = runForm(page).getByRole('switch', { name: 'Autolog' });
  if (!(await control.isVisible())) {
    await runForm(page).getByText('Options').click();
  }
  return control;
}

async function showForm(
  page: IJupyterLabPageFixture,
  path: string
): Promise<void> {
  await page.contents.uploadContent(notebook(CELLS), 'text', path);
  await execute(page, 'mlops:run-notebook', { path });
  await expect(runForm(page)).toBeVisible();
}

/** Run the notebook of the form under a name; what its page says of autologging. */
async function runAs(
  page: IJupyterLabPageFixture,
  name: string
): Promise<Locator> {
  await runForm(page).getByRole('textbox', { name: 'Run name' }).fill(name);
  await submit(page);
  await runRow(page, name).click();
  const runPage = page.locator('.jp-Mlops-RunPage:visible');
  await expect(runPage.getByRole('heading', { name })).toBeVisible();
  await expect(runPage.getByText('Run id')).toBeVisible();
  return runPage.getByText('Autolog with MLflow');
}

test.beforeEach(async ({ page }) => {
  await page.request.patch('/mlops/api/preferences', {
    data: { autolog: false }
  });
});

test('the switch stays as it was turned, in every window', async ({
  page
}) => {
  const panel = await openPanel(page);
  await expect(ofPanel(panel)).not.toBeChecked();
  await ofPanel(panel).click();
  await expect(ofPanel(panel)).toBeChecked();
  await expect(
    panel.getByText('On in kernels that start from now on.')
  ).toBeVisible();
  await page.reload();
  await expect(ofPanel(await openPanel(page))).toBeChecked();

  // Another window turns it.
  await page.request.patch('/mlops/api/preferences', {
    data: { autolog: false }
  });
  await expect(ofPanel(panel)).not.toBeChecked();

  await execute(page, 'mlops:toggle-autolog');
  await expect(ofPanel(panel)).toBeChecked();
});

test('who does not see or point at the switch is told what it does', async ({
  page
}) => {
  const panel = await openPanel(page);
  const control = ofPanel(panel);
  // There before it says anything: a screen reader announces changes.
  await expect(
    panel.locator('#jp-mlops-autolog').getByRole('status')
  ).toHaveText('');
  await expect(control).toHaveAccessibleDescription(/^Kernels log parameters/);

  const help = panel.getByText('Kernels log parameters');
  const height = async (): Promise<number> =>
    (await help.boundingBox())?.height ?? 0;
  expect(await height()).toBeLessThan(2);
  await control.focus();
  await page.keyboard.press('Space');
  await expect(control).toBeChecked();
  await expect.poll(height).toBeGreaterThan(10);
});

test('the form proposes what is preferred, and its own word counts', async ({
  page,
  tmpPath
}) => {
  const panel = await openPanel(page);
  await showForm(page, `${tmpPath}/plain.ipynb`);
  await expect(await ofForm(page)).not.toBeChecked();
  await ofPanel(panel).click();
  await expect(await ofForm(page)).toBeChecked();
  await expect(await runAs(page, 'as preferred')).toHaveCount(1);

  await (await ofForm(page)).click();
  await expect(await ofForm(page)).not.toBeChecked();
  await expect(await runAs(page, 'as the form says')).toHaveCount(0);
  // The panel stays as it was.
  await expect(ofPanel(panel)).toBeChecked();
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`everybody can use the switches in ${theme}`, async ({
    page,
    tmpPath
  }) => {
    const panel = await openPanel(page);
    await page.theme.setTheme(theme);
    await showForm(page, `${tmpPath}/looks.ipynb`);
    await ofPanel(panel).click();
    await expect(await ofForm(page)).toBeChecked();
    await (await ofForm(page)).scrollIntoViewIfNeeded();
    const { violations } = await new AxeBuilder({ page })
      .include('#jp-mlops-autolog')
      .include('.jp-Mlops-RunForm')
      .analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
}
