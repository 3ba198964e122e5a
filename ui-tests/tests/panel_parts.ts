/** Where the parts of the MLOps panel are, for the journeys through it. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, type Locator } from '@playwright/test';

/** Execute a command as a menu would. */
export async function execute(
  page: IJupyterLabPageFixture,
  command: string,
  args: Record<string, string | boolean | number> = {}
): Promise<void> {
  await page.evaluate(
    async ([id, options]) => {
      const app = (window as unknown as { jupyterapp: JupyterFrontEnd })
        .jupyterapp;
      await app.commands.execute(id, options);
    },
    [command, args] as const
  );
}

/** Show the panel, without the checklist. */
export async function openPanel(page: IJupyterLabPageFixture): Promise<Locator> {
  await page.sidebar.openTab('jp-mlops-panel');
  const panel = page.getByRole('region', { name: 'MLOps' });
  const hide = panel.getByRole('button', { name: 'Hide' });
  await expect(
    panel.getByRole('heading', { name: /Runs/ })
  ).toBeVisible();
  await hide.click({ timeout: 10000 }).catch(() => undefined);
  return panel;
}

export function runForm(page: IJupyterLabPageFixture): Locator {
  return page.getByRole('form', { name: 'Run' });
}

export function runRow(page: IJupyterLabPageFixture, name: string): Locator {
  return page
    .getByRole('grid', { name: /Runs/ })
    .getByRole('row')
    .filter({ hasText: name });
}

/** Press the button of the form. */
export async function submit(page: IJupyterLabPageFixture): Promise<void> {
  await runForm(page).getByRole('button', { name: 'Run', exact: true }).click();
}
