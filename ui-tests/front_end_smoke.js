/**
 * One journey through whichever front end serves the page at ADDRESS: `node front_end_smoke.js ADDRESS PICTURE`.
 *
 * The page shows a notebook. It is run twice from its toolbar, with other parameters; each run is
 * followed in the panel to its end, and its page is opened. Anything that the browser reports as an
 * error of ours makes it fail, and a picture of the page goes to the file PICTURE.
 */
const { chromium, expect } = require('@playwright/test');

const { use } = require('./playwright.config');

const patient = expect.configure({ timeout: 60000 });

async function journey(page, address) {
  const faults = [];
  page.on('pageerror', error => faults.push(String(error.stack)));
  page.on('console', message => {
    if (message.type() === 'error' && /mlops/i.test(message.text())) {
      faults.push(message.text());
    }
  });
  await page.goto(address);
  await patient(
    page.locator('.jp-NotebookPanel .jp-CodeCell').first()
  ).toBeVisible();
  await page.locator('[data-jp-item-name="mlops-run"]').click();
  const panel = page.getByRole('region', { name: 'MLOps' });
  await patient(panel).toBeVisible();
  await panel.getByRole('button', { name: 'Hide' }).click();
  const form = page.getByRole('form', { name: 'Run' });
  const rows = panel.getByRole('grid', { name: /Runs/ }).getByRole('row');
  for (const [runs, steps] of [
    [1, '7'],
    [2, '8']
  ]) {
    await patient(form.getByLabel('steps')).toBeVisible();
    await form.getByLabel('steps').fill(steps);
    await form.getByRole('button', { name: 'Run', exact: true }).click();
    await patient(rows).toHaveCount(runs);
    await patient(rows.first()).toContainText('Finished');
    await rows.first().dblclick();
    const tab = page.locator('.jp-Mlops-RunPage:visible');
    await patient(
      tab.getByRole('row', { name: new RegExp(`steps.*${steps}`) })
    ).toBeVisible();
    await patient(tab.getByText('loss').first()).toBeVisible();
  }
  expect(faults).toEqual([]);
}

async function main() {
  const browser = await chromium.launch(use.launchOptions);
  // Notebook shows the run below the notebook: a high page has room for both.
  const page = await browser.newPage({
    viewport: { width: 1280, height: 1200 }
  });
  try {
    await journey(page, process.argv[2]);
  } catch (error) {
    await page.screenshot({ path: process.argv[3] });
    throw error;
  } finally {
    await browser.close();
  }
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
