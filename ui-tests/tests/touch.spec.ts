/** The list under a finger, which does not hover. */
import { expect, test } from '@jupyterlab/galata';

import { openPanel, runRow } from './panel_parts';
import { ended, startRun } from './real_runs';

// Galata answers for kernels itself, and takes ours for Jupyter's.
test.use({ kernels: null, hasTouch: true, isMobile: true });

test('a finger finds what a row offers', async ({ page, tmpPath }) => {
  const run = await startRun(page, `${tmpPath}/tap.ipynb`, ['print("tap")'], {
    name: 'tapped'
  });
  await ended(page, run);
  await openPanel(page);
  const more = runRow(page, 'tapped').getByRole('button', {
    name: 'More actions for tapped'
  });
  await expect(more).toHaveCSS('pointer-events', 'auto');
  await expect(more.locator('..')).toHaveCSS('opacity', '1');
  await more.tap();
  // The menu itself is JupyterLab's.
  await page.getByRole('menuitem', { name: 'Delete Run' }).click();
  await expect(runRow(page, 'tapped')).toHaveCount(0);
  await expect(page.getByText('1 run is in the trash now.')).toBeVisible();
});
