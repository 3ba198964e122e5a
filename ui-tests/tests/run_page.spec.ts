/** The page of a run: followed while it goes on, looked at afterwards, and changed. */
import { readFile } from 'node:fs/promises';

import { expect } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

import {
  ended,
  openByLink,
  readRun,
  says,
  startRun,
  test,
  turnTo
} from './real_runs';

/** Goes on until it is told to end, so that nothing depends on how fast the machine is. */
const WATCHED = [
  '%%md\n# Training',
  `from pathlib import Path
from jupyter_mlops import log_metric
import time
print("\\x1b[31mbegun\\x1b[0m")
step = 0
while not Path("stop").exists():
    log_metric("loss", 1 / (step + 1), step)
    if step % 5 == 0:
        print("step", step, flush=True)
    step += 1
    time.sleep(0.2)`,
  ...Array.from({ length: 12 }, (_, index) => `print("after", ${index})`)
];

test('a run is followed while it goes on, and cancelled', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(page, `${tmpPath}/watched.ipynb`, WATCHED, {
    name: 'watched'
  });
  const runPage = await openByLink(page, run);
  await says(runPage, 'Running');

  await expect(runPage.getByRole('tab', { name: 'Overview' })).toHaveAttribute(
    'aria-selected',
    'true'
  );
  const curve = runPage.getByRole('img', { name: /Curve of loss/ });
  await expect(curve).toBeVisible({ timeout: 30000 });
  const first = (await curve.getAttribute('aria-label')) ?? '';
  await expect(curve).not.toHaveAttribute('aria-label', first);
  expect(await curve.locator('canvas').count()).toBe(1);
  await zoomsIn(page, runPage, curve);

  const log = await turnTo(runPage, 'Log');
  await expect(log.getByRole('log')).toContainText('begun');
  const red = log.locator('.ansi-red-fg');
  await expect(red).toHaveText('begun');
  const plain = await log
    .getByRole('log')
    .evaluate(node => getComputedStyle(node).color);
  await expect(red).not.toHaveCSS('color', plain);
  const before = await log.getByRole('log').innerText();
  await expect
    .poll(async () => (await log.getByRole('log').innerText()).length)
    .toBeGreaterThan(before.length);

  const saved = page.waitForEvent('download');
  await log.getByRole('button', { name: 'Download' }).click();
  const whole = await readFile(await (await saved).path(), 'utf8');
  expect(whole).toContain('begun');
  expect(whole).toContain('step 0\n');

  const cells = await turnTo(runPage, 'Cells');
  await expect(cells.locator('[data-state="running"]')).toHaveCount(1);

  const notebook = await turnTo(runPage, 'Notebook');
  const output = notebook.locator('.jp-CodeCell').first().locator('pre').last();
  await expect(output).toContainText('begun', { timeout: 30000 });
  const scroller = notebook.getByRole('region');
  await scroller.hover();
  await page.mouse.wheel(0, 160);
  await expect
    .poll(() => scroller.evaluate(node => node.scrollTop))
    .toBeGreaterThan(100);
  const place = await scroller.evaluate(node => node.scrollTop);
  const shown = await output.innerText();
  await expect
    .poll(async () => (await output.innerText()).length, { timeout: 30000 })
    .toBeGreaterThan(shown.length);
  expect(await scroller.evaluate(node => node.scrollTop)).toBe(place);

  await runPage.getByRole('button', { name: 'Cancel', exact: true }).click();
  await says(runPage, 'Cancelled');
  expect((await readRun(page, run.run_id)).status).toBe('KILLED');
  await expect(
    runPage.getByRole('button', { name: 'Delete', exact: true })
  ).toBeVisible();
});

test('a run that failed shows why, and opens its notebook at the cell', async ({
  page,
  tmpPath
}) => {
  const filler = Array.from(
    { length: 25 },
    (_, index) => `x = ${index}\n${'y = 1\n'.repeat(12)}print(x)`
  );
  const run = await startRun(page, `${tmpPath}/fails.ipynb`, [
    ...filler,
    'def divide(by):\n    return 1 / by\ndivide(0)',
    ...filler
  ]);
  await ended(page, run, 'FAILED');
  const runPage = await openByLink(page, run);
  await says(runPage, 'Cell error');
  await expect(runPage.locator('.jp-Mlops-RunHeader')).toContainText(
    'ZeroDivisionError: division by zero'
  );

  // Nobody asked for a part of the page, so it is at the cell that failed.
  const notebook = runPage.getByRole('tabpanel', { name: 'Notebook' });
  await expect(
    notebook.locator('.jp-CodeCell .cm-content').first()
  ).toHaveAttribute('aria-readonly', 'true');
  const failing = notebook.locator('.jp-Mlops-mod-revealed');
  await expect(failing).toContainText('divide(0)');
  await expect(failing.locator('.jp-OutputArea')).toContainText(
    'ZeroDivisionError'
  );
  // The cells above it are drawn late and grow; it has to stay in view all the same.
  const fromTop = async (): Promise<number> => {
    const cell = await failing.boundingBox();
    const view = await notebook.boundingBox();
    return (cell?.y ?? NaN) - (view?.y ?? NaN);
  };
  await expect.poll(fromTop).toBeLessThan(120);
  await expect.poll(fromTop).toBeGreaterThan(-5);

  const cells = await turnTo(runPage, 'Cells');
  await cells.locator('[data-state="completed"]').nth(2).click();
  await expect(
    runPage.locator('.jp-Mlops-mod-revealed').filter({ hasText: 'x = 2' })
  ).toBeInViewport();
});

test('"Show the cell" leads back to it, as often as it is asked for', async ({
  page,
  tmpPath
}) => {
  const filler = Array.from({ length: 30 }, (_, index) => `print(${index})`);
  const run = await startRun(page, `${tmpPath}/shows.ipynb`, [
    ...filler,
    'raise ValueError("here")',
    ...filler
  ]);
  await ended(page, run, 'FAILED');
  const runPage = await openByLink(page, run);
  const failing = runPage.locator('.jp-Mlops-mod-revealed');
  await expect(failing).toBeInViewport();
  const showCell = runPage.getByRole('button', { name: 'Show the cell' });

  const cells = runPage.getByRole('region', { name: 'Cells of the notebook' });
  await cells.hover();
  await page.mouse.wheel(0, -100_000);
  await expect(failing).not.toBeInViewport();
  await showCell.click();
  await expect(failing).toBeInViewport();
  await expect(failing).toContainText('ValueError: here');

  await runPage.getByRole('button', { name: 'Source' }).click();
  await expect(failing).toHaveCount(0);
  await showCell.click();
  await expect(
    runPage.getByRole('button', { name: 'As it ran' })
  ).toHaveAttribute('aria-pressed', 'true');
  await expect(failing).toBeInViewport();
});

test('what people say about a run stays with it', async ({ page, tmpPath }) => {
  const run = await startRun(
    page,
    `${tmpPath}/short.ipynb`,
    ['%%parameters\nalpha = 0.5', 'print(alpha)'],
    { name: 'short', parameters: { alpha: 0.25 } }
  );
  await ended(page, run);
  const runPage = await openByLink(page, run);
  const parameter = runPage.getByRole('row', { name: /alpha/ });
  await expect(parameter).toContainText('0.25');

  await runPage.getByRole('button', { name: 'short', exact: true }).click();
  await runPage.getByLabel('Name of the run').fill('much better');
  await page.keyboard.press('Enter');
  await expect(
    runPage.getByRole('heading', { name: 'much better' })
  ).toBeVisible();
  await expect(
    page.getByRole('tab', { name: 'much better' }).first()
  ).toBeVisible();

  await runPage.getByLabel('New tag, as key=value').fill('team=vision');
  await page.keyboard.press('Enter');
  await runPage.getByLabel('New tag, as key=value').fill('draft');
  await page.keyboard.press('Enter');
  await expect(runPage.getByRole('listitem')).toHaveText([
    /draft/,
    /team.*vision/
  ]);
  await runPage.getByRole('button', { name: 'Remove tag draft' }).click();
  await expect(runPage.getByRole('listitem')).toHaveText([/team.*vision/]);

  await runPage.getByRole('button', { name: 'Add a note' }).click();
  await runPage
    .getByLabel('Note, in Markdown')
    .fill('The **best** one\n\n<img src=x onerror="window.canary=1">');
  await runPage.getByRole('button', { name: 'Save' }).click();
  await expect(runPage.locator('strong', { hasText: 'best' })).toBeVisible();
  // JupyterLab saves its layout a moment later.
  const kept = page.waitForRequest(
    request =>
      request.url().includes('api/workspaces') &&
      (request.postData() ?? '').includes('log')
  );
  await turnTo(runPage, 'Log');
  await kept;

  await page.reload();
  const again = page.locator('.jp-Mlops-RunPage:visible');
  await expect(again.getByRole('heading', { name: 'much better' })).toBeVisible(
    { timeout: 30000 }
  );
  await expect(again.getByRole('tab', { name: 'Log' })).toHaveAttribute(
    'aria-selected',
    'true'
  );
  await turnTo(again, 'Overview');
  await expect(again.getByRole('listitem')).toHaveText([/team.*vision/]);
  await expect(again.locator('strong', { hasText: 'best' })).toBeVisible();
  expect(
    await page.evaluate(() => (window as { canary?: number }).canary)
  ).toBeUndefined();
});

test('pages that wait behind another keep their name and part, and read nothing', async ({
  page,
  tmpPath
}) => {
  const [first, second] = [
    await startRun(page, `${tmpPath}/one.ipynb`, ['1'], { name: 'run one' }),
    await startRun(page, `${tmpPath}/two.ipynb`, ['2'], { name: 'run two' })
  ];
  await ended(page, first);
  await ended(page, second);
  await page.goto(`?mlops-run=${first.run_id}&mlops-section=log`);
  const runPage = page.locator('.jp-Mlops-RunPage:visible');
  await expect(runPage.getByRole('tab', { name: 'Log' })).toHaveAttribute(
    'aria-selected',
    'true'
  );
  expect(page.url()).not.toContain('mlops');
  const kept = page.waitForRequest(
    request =>
      request.url().includes('api/workspaces') &&
      ['run one', 'run two'].every(name =>
        (request.postData() ?? '').includes(name)
      )
  );
  await page.evaluate(
    runId =>
      (window as unknown as { jupyterapp: IApp }).jupyterapp.commands.execute(
        'mlops:open-run',
        { run_id: runId }
      ),
    second.run_id
  );
  await expect(
    runPage.getByRole('heading', { name: 'run two' })
  ).toBeVisible();
  await kept;

  const read: string[] = [];
  page.on('request', request => read.push(request.url()));
  await page.reload();
  await expect(
    runPage.getByRole('heading', { name: 'run two' })
  ).toBeVisible({ timeout: 30000 });
  const tab = page.getByRole('tab', { name: 'run one' });
  await expect(tab).toBeVisible();
  expect(read.filter(url => url.includes(first.run_id))).toEqual([]);
  await tab.click();
  await expect(
    runPage.getByRole('heading', { name: 'run one' })
  ).toBeVisible();
  await expect(runPage.getByRole('tab', { name: 'Log' })).toHaveAttribute(
    'aria-selected',
    'true'
  );
});

test('a run is opened from the list, repeated, changed, deleted and restored', async ({
  page,
  tmpPath
}) => {
  const run = await startRun(
    page,
    `${tmpPath}/origin.ipynb`,
    ['%%parameters\nalpha = 0.5', 'print(alpha)'],
    { name: 'origin', parameters: { alpha: 0.125 } }
  );
  await ended(page, run);
  await page.evaluate(() =>
    (window as unknown as { jupyterapp: IApp }).jupyterapp.commands.execute(
      'mlops:open-panel'
    )
  );
  const row = page.locator('.jp-Mlops-RunRow', { hasText: 'origin' }).first();
  await row.locator('.jp-Mlops-RunRow-name').dblclick();
  const runPage = page.locator('.jp-Mlops-RunPage:visible');
  await expect(runPage.getByRole('heading', { name: 'origin' })).toBeVisible();

  const repeated = page.waitForResponse(/\/rerun/);
  await runPage.getByRole('button', { name: 'Run again' }).click();
  const answer = await repeated;
  expect(answer.status()).toBe(202);
  expect(await answer.json()).toMatchObject({
    rerun_of: run.run_id,
    parameters: [{ key: 'alpha', value: 0.125 }]
  });

  await runPage.getByRole('button', { name: 'Change parameters…' }).click();
  await expect(page.getByLabel('alpha', { exact: true })).toHaveValue('0.125');

  await runPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(runPage.getByText('In the trash')).toBeVisible();
  await runPage.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(runPage.getByText('In the trash')).toBeHidden();
  await expect(
    runPage.getByRole('button', { name: 'Delete', exact: true })
  ).toBeVisible();
});

/** The steps that a reader zooms in to stay while points arrive. */
async function zoomsIn(
  page: Page,
  runPage: Locator,
  curve: Locator
): Promise<void> {
  const steps = async (): Promise<number> =>
    Number(/^\d+/.exec((await readout.textContent()) ?? '')?.[0] ?? NaN);
  const plot = curve.locator('.u-over');
  const readout = plot.locator('.jp-Mlops-Curve-readout');
  await expect
    .poll(async () => {
      await plot.hover();
      return steps();
    })
    .toBeGreaterThan(3);
  const box = await plot.boundingBox();
  if (!box) {
    throw new Error('The curve is not shown.');
  }
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width / 2, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 4, middle, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(box.x + 3, middle);
  await expect.poll(steps).toBeGreaterThan(1);
  const before = await curve.getAttribute('aria-label');
  await expect(curve).not.toHaveAttribute('aria-label', before ?? '');
  await page.mouse.move(box.x + 2, middle);
  expect(await steps()).toBeGreaterThan(1);
  await runPage.getByRole('tab', { name: 'Overview' }).hover();
}

interface IApp {
  commands: {
    execute: (id: string, args?: Record<string, string>) => Promise<unknown>;
  };
}
