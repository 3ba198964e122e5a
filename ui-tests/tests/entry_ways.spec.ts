/** Every way from JupyterLab to the Run form, as a hand or a keyboard takes it. */
import { expect, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import { execute, runForm } from './panel_parts';
import { notebook } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null });

const CELLS = ['%%parameters\nalpha = 0.1', 'print(alpha)'];

/** The form is there, for this notebook, and the cursor is in its first field. */
async function isAsked(page: IJupyterLabPageFixture): Promise<void> {
  const alpha = runForm(page).getByRole('textbox', { name: 'alpha' });
  await expect(alpha).toBeFocused();
  await expect(alpha).toHaveValue('0.1');
}

test.describe('with a notebook in front', () => {
  test.beforeEach(async ({ page, tmpPath }) => {
    const path = `${tmpPath}/way.ipynb`;
    await page.contents.uploadContent(notebook(CELLS), 'text', path);
    await execute(page, 'docmanager:open', { path });
    await expect(page.locator('.jp-Notebook .jp-CodeCell')).toHaveCount(2);
    // A notebook that is still being opened takes the cursor.
    await expect(page.getByRole('button', { name: /\| Idle/ })).toBeVisible();
  });

  test('the button in its toolbar leads to the form', async ({ page }) => {
    await page
      .locator('.jp-NotebookPanel-toolbar [data-jp-item-name="mlops-run"]')
      .getByRole('button')
      .click();
    await isAsked(page);
  });

  test('Ctrl Alt R leads to the form', async ({ page }) => {
    await page.notebook.selectCells(0);
    await page.keyboard.press('Control+Alt+r');
    await isAsked(page);
  });

  test('the command palette leads to the form', async ({ page }) => {
    // Its own key is taken by the browser's tools.
    await execute(page, 'apputils:activate-command-palette');
    await page.keyboard.type('run with parameters');
    await expect(
      page.locator('.lm-CommandPalette-item.lm-mod-active')
    ).toContainText('Run with Parameters…');
    await page.keyboard.press('Enter');
    await isAsked(page);
  });

  test('the Run menu leads to the form', async ({ page }) => {
    await page.menu.clickMenuItem('Run>Run with Parameters…');
    await isAsked(page);
  });
});

test('the card in the launcher asks for a notebook, and leads to the form', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/way.ipynb`;
  await page.contents.uploadContent(notebook(CELLS), 'text', path);
  await page.filebrowser.openDirectory(tmpPath);
  await page
    .locator('.jp-LauncherCard')
    .filter({ hasText: 'Run a Notebook' })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(tmpPath).dblclick();
  await dialog.getByText('way.ipynb').click();
  await dialog.getByRole('button', { name: 'Select' }).click();
  await isAsked(page);
});
