/** Real runs for the journeys: notebooks written by the test, run by the server, opened by their link. */
import { type IJupyterLabPageFixture, test as base } from '@jupyterlab/galata';
import { expect, type Locator, type Page } from '@playwright/test';

/** Galata waits for the launcher to be in front; a link to a run puts the run there. */
export const test = base.extend<{
  waitForApplication: (page: Page) => Promise<void>;
}>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
  waitForApplication: async ({}, use) => {
    await use(async page => {
      await page
        .locator('#jupyterlab-splash')
        .waitFor({ state: 'detached', timeout: 60000 });
      await page.locator('#jp-main-dock-panel').waitFor();
    });
  }
});

export interface IRun {
  run_id: string;
  name: string;
  status: string;
}

/** The source of a cell; a leading `%%md` makes it Markdown, `%%parameters` tags it. */
export function notebook(cells: readonly string[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: {
        name: 'python3',
        display_name: 'Python 3',
        language: 'python'
      }
    },
    cells: cells.map((cell, index) => {
      const [first = '', ...rest] = cell.split('\n');
      const source = first.startsWith('%%') ? rest.join('\n') : cell;
      const tags = first === '%%parameters' ? ['parameters'] : [];
      return first === '%%md'
        ? { id: `cell-${index}`, cell_type: 'markdown', metadata: {}, source }
        : {
            id: `cell-${index}`,
            cell_type: 'code',
            execution_count: null,
            metadata: { tags },
            outputs: [],
            source
          };
    })
  });
}

/** Write a notebook and start a run of it. */
export async function startRun(
  page: IJupyterLabPageFixture,
  path: string,
  cells: readonly string[],
  more: Readonly<Record<string, unknown>> = {}
): Promise<IRun> {
  await page.contents.uploadContent(notebook(cells), 'text', path);
  const answer = await page.request.post('/mlops/api/runs', {
    data: { notebook: path, ...more }
  });
  expect(answer.status(), await answer.text()).toBe(202);
  return (await answer.json()) as IRun;
}

/** What the server says of a run. */
export async function readRun(
  page: IJupyterLabPageFixture,
  runId: string
): Promise<IRun> {
  return (await (
    await page.request.get(`/mlops/api/runs/${runId}`)
  ).json()) as IRun;
}

/** Wait until the server says that a run ended as expected. */
export async function ended(
  page: IJupyterLabPageFixture,
  run: IRun,
  status = 'FINISHED'
): Promise<void> {
  await expect
    .poll(async () => (await readRun(page, run.run_id)).status, {
      timeout: 60000
    })
    .toBe(status);
}

/** Follow the link to a run; the page of the run. */
export async function openByLink(
  page: IJupyterLabPageFixture,
  run: IRun
): Promise<Locator> {
  await page.goto(`?mlops-run=${run.run_id}`);
  const runPage = page.locator('.jp-Mlops-RunPage:visible');
  await expect(
    runPage.getByRole('heading', { name: run.name, exact: true })
  ).toBeVisible({ timeout: 30000 });
  return runPage;
}

/** Turn to a tab of the page; its panel. */
export async function turnTo(runPage: Locator, name: string): Promise<Locator> {
  await runPage.getByRole('tab', { name }).click();
  return runPage.getByRole('tabpanel', { name });
}

/** Wait until the page's head says this. */
export async function says(runPage: Locator, text: string): Promise<void> {
  await expect(runPage.locator('.jp-Mlops-RunHeader').getByRole('status')).toContainText(
    text,
    { timeout: 60000 }
  );
}
