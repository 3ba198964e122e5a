/** A run whose every text is hostile shows them all as text (security row S18). */
import { expect } from '@jupyterlab/galata';

import { HOSTILE_TEXTS } from '../../src/contract/__tests__/hostile_texts';
import { armed, Watch } from './hostile/watch';
import { openPanel, runRow } from './panel_parts';
import { ended, openByLink, startRun, test, turnTo } from './real_runs';

/** What a field takes: controls and marks of direction are refused at the door. */
const LABELS = HOSTILE_TEXTS.filter(text => !/\p{C}/u.test(text));
const TABS = ['Overview', 'Notebook', 'Cells', 'Log', 'Artifacts', 'Environment'];

test('a hundred hostile texts are shown and do nothing', async ({
  page,
  tmpPath
}) => {
  test.slow();
  const watch = await Watch.over(page);
  const tags = Object.fromEntries(
    HOSTILE_TEXTS.slice(0, 100).map((text, index) => [`tag ${index}`, text])
  );
  const literal = JSON.stringify(JSON.stringify(HOSTILE_TEXTS));
  const run = await startRun(
    page,
    `${tmpPath}/texts.ipynb`,
    [
      `import json\nfrom jupyter_mlops import log_metric, log_param, log_text\ntexts = json.loads(${literal})`,
      [
        'for number, text in enumerate(texts):',
        '    print(text)',
        '    log_param(f"parameter {number}", text)',
        'log_metric("loss", 1)',
        'log_text("\\n".join(texts), "texts.txt")'
      ].join('\n'),
      'raise ValueError(texts[1])'
    ],
    { tags, name: LABELS[1], experiment: LABELS[2] }
  );
  await ended(page, run, 'FAILED');
  const noted = await page.request.patch(`/mlops/api/runs/${run.run_id}`, {
    data: { note: HOSTILE_TEXTS.join('\n\n') }
  });
  expect(noted.status()).toBe(200);
  const runPage = await openByLink(page, run);
  await watch.settle();
  for (const name of TABS) {
    const panel = await turnTo(runPage, name);
    await expect(runPage.locator('.jp-Mlops-State-loading')).toHaveCount(0);
    expect(await armed(panel), name).toEqual([]);
    expect(await watch.harm(), name).toEqual([]);
  }
  const log = await turnTo(runPage, 'Log');
  await expect(log).toContainText('<script>window.canary=1</script>');
  const overview = await turnTo(runPage, 'Overview');
  await expect(overview).toContainText(HOSTILE_TEXTS[1]!);
  const panel = await openPanel(page);
  await expect(runRow(page, run.name).first()).toBeVisible();
  // JupyterLab's own sections carry ids; below the row nothing may.
  expect(await armed(runRow(page, run.name))).toEqual([]);
  await expect(panel.locator('script, iframe, object, base, form')).toHaveCount(0);
  expect(await watch.harm()).toEqual([]);
  expect(await watch.reachItself()).toEqual(['GET /control']);
  watch.close();
});
