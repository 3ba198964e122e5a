/** A list of ten thousand runs, scrolled from its first row to its last. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

import {
  expect,
  type IJupyterLabPageFixture,
  test
} from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { openPanel } from './panel_parts';

const COUNT = 10_000;
const HERE = path.join(__dirname, '..');
/** A screen of rows and the margins around it. */
const DRAWN_AT_MOST = 60;

/** The list, filtered to what `fill_store.py` made. */
async function openList(page: IJupyterLabPageFixture): Promise<Locator> {
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: /^Filter by state/ }).click();
  const choice = panel.getByLabel('Filter by experiment');
  await choice.selectOption(`Bulk (${COUNT})`);
  const list = panel.getByRole('grid', { name: 'Runs' });
  await expect(list).toHaveAttribute('aria-rowcount', String(COUNT));
  return list;
}

test('ten thousand runs are scrolled and walked through, few of them drawn at a time', async ({
  page
}) => {
  test.slow();
  execFileSync('python', [
    path.join(HERE, 'fill_store.py'),
    path.join(HERE, '.state', 'data', 'mlops'),
    String(COUNT)
  ]);
  const asked: string[] = [];
  page.on('request', request => {
    if (/mlops\/api\/runs\?/.test(request.url())) {
      asked.push(request.url());
    }
  });
  const list = await openList(page);

  const { names, most } = await list.evaluate(async box => {
    const met = new Set<string>();
    let drawn = 0;
    const frame = (): Promise<unknown> => new Promise(requestAnimationFrame);
    const row =
      box.querySelector<HTMLElement>('[role="row"]')?.offsetHeight ?? NaN;
    // As far as rows are drawn below what is seen, and no further.
    const stride = box.clientHeight + 7 * row;
    for (let top = 0; ; top += stride) {
      box.scrollTop = top;
      // Rows from the server, not their placeholders, as far as the eye reaches.
      const first = Math.floor(box.scrollTop / row) + 1;
      const last = Math.floor((box.scrollTop + box.clientHeight) / row) - 1;
      const isDrawn = (index: number): boolean =>
        !!box.querySelector(`[aria-rowindex="${index}"][data-run-id]`);
      for (let frames = 0; !isDrawn(first) || !isDrawn(last); frames++) {
        if (frames > 2000) {
          throw new Error(`Rows ${first} to ${last} do not come.`);
        }
        drawn = Math.max(drawn, box.querySelectorAll('[role="row"]').length);
        await frame();
      }
      const rows = [...box.querySelectorAll('[data-run-id]')];
      drawn = Math.max(drawn, rows.length);
      for (const { textContent } of rows.map(
        node => node.querySelector('.jp-Mlops-RunRow-name') ?? node
      )) {
        met.add(textContent ?? '');
      }
      if (top + box.clientHeight >= box.scrollHeight) {
        return { names: met.size, most: drawn };
      }
    }
  });
  expect(names).toBe(COUNT);
  expect(most).toBeLessThan(DRAWN_AT_MOST);
  // A page of a hundred, then pages of a thousand; no page twice.
  expect(asked.filter(url => url.includes('cursor=')).length).toBe(10);

  const current = (): Promise<string | null> =>
    list.evaluate(
      box =>
        document.getElementById(box.getAttribute('aria-activedescendant') ?? '')
          ?.ariaRowIndex ?? null
    );
  await list.focus();
  await page.keyboard.press('Home');
  await expect.poll(current).toBe('1');
  await expect(list.locator('[aria-rowindex="1"]')).toBeInViewport();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  const paged = Number(await current());
  expect(paged).toBeGreaterThan(5);
  await expect(list.locator(`[aria-rowindex="${paged}"]`)).toBeInViewport();
  await page.keyboard.press('End');
  await expect.poll(current).toBe(String(COUNT));
  await expect(list.getByText('bulk 1', { exact: true })).toBeInViewport();
});

test('the End key leads to the last of ten thousand runs though few are read', async ({
  page
}) => {
  const list = await openList(page);
  await list.focus();
  await page.keyboard.press('End');
  const last = list.locator(`[aria-rowindex="${COUNT}"]`);
  await expect(last).toBeInViewport({ timeout: 60000 });
  await expect(last).toHaveAttribute('data-current', 'true', {
    timeout: 60000
  });
  await page.keyboard.press('PageUp');
  await expect(last).not.toHaveAttribute('data-current', 'true');
});

test('deleting many runs is stopped by keyboard, and taken back', async ({
  page
}) => {
  const list = await openList(page);
  await list.focus();
  await page.keyboard.press('Control+a');
  await expect(page.getByText(/^\d+( of \d+)? selected$/)).toBeVisible();
  await page.keyboard.press('Delete');
  const toast = page.getByRole('alert').filter({ hasText: 'Deleting runs' });
  const stop = toast.getByRole('button', { name: 'Stop' });
  await expect(stop).toBeVisible();
  const isReached = (): Promise<boolean> =>
    stop.evaluate(button => button === document.activeElement);
  for (let steps = 0; steps < 60 && !(await isReached()); steps++) {
    await page.keyboard.press('Shift+Tab');
  }
  await expect(stop).toBeFocused();
  // What it says changes, and the button stays where it is.
  const said = await toast.textContent();
  await expect(toast).not.toHaveText(said ?? '');
  await expect(stop).toBeFocused();
  await page.keyboard.press('Enter');

  const end = page.getByText(
    /^Stopped: \d+ of \d+ runs are done, the others are as they were\.$/
  );
  await expect(end).toBeVisible();
  const done = Number((await end.textContent())?.match(/\d+/)?.[0]);
  await expect(list).toHaveAttribute('aria-rowcount', String(COUNT - done));
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(list).toHaveAttribute('aria-rowcount', String(COUNT), {
    timeout: 60000
  });
});
