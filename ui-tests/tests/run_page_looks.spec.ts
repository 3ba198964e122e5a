/** Every tab of a run page, in light and dark, as the rules of accessibility see it. */
import AxeBuilder from '@axe-core/playwright';
import { expect } from '@jupyterlab/galata';

import { ended, openByLink, startRun, test, turnTo } from './real_runs';

const CELLS = [
  '%%parameters\nalpha = 0.5',
  '%%md\n# Training',
  `from jupyter_mlops import log_metric, log_text, set_tag
for step in range(20):
    log_metric("loss", 1 / (step + 1), step)
set_tag("team", "vision")
log_text("a,b\\n1,2", "table.csv")
log_text("# Report", "report.md")
print("done")`,
  'raise ValueError("nothing left to do")'
];

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`everybody can use every tab in ${theme}`, async ({ page, tmpPath }) => {
    const run = await startRun(page, `${tmpPath}/looks.ipynb`, CELLS, {
      parameters: { alpha: 0.25 }
    });
    await ended(page, run, 'FAILED');
    const runPage = await openByLink(page, run);
    await page.theme.setTheme(theme);
    const found: object[] = [];
    for (const name of [
      'Overview',
      'Notebook',
      'Cells',
      'Log',
      'Artifacts',
      'Environment'
    ]) {
      await turnTo(runPage, name);
      await expect(runPage.locator('.jp-Mlops-State-loading')).toHaveCount(0);
      if (name === 'Notebook') {
        await expect(runPage.locator('.jp-CodeCell').first()).toBeVisible();
      }
      const { violations } = await new AxeBuilder({ page })
        .include('.jp-Mlops-RunPage')
        // What JupyterLab draws inside its own cells is JupyterLab's.
        .exclude('.jp-Cell')
        .analyze();
      found.push(
        ...violations.map(({ id, nodes }) => ({
          name,
          id,
          nodes: nodes.map(node => node.html.slice(0, 200))
        }))
      );
    }
    expect(found).toEqual([]);
  });
}
