/** The executed notebook of a hostile run is read without harm (security row S17). */
import { expect } from '@jupyterlab/galata';

import { hostileMarkdown } from './hostile/markdown';
import {
  hostileError,
  hostileOutputs,
  hostilePrints
} from './hostile/outputs';
import { armed, Watch } from './hostile/watch';
import { ended, openByLink, test, turnTo } from './real_runs';

/** Everything around the cells that a program may believe. */
const METADATA = {
  trusted: true,
  signature: 'x',
  authors: [{ name: '<img src=x onerror="window.canary=1">' }],
  kernelspec: {
    name: 'python3',
    display_name: '<img src=x onerror="window.canary=1">',
    language: 'python'
  },
  language_info: {
    name: 'python',
    mimetype: '../../canary',
    codemirror_mode: { name: '<script>', url: '/canary.js' },
    file_extension: '/../canary'
  },
  widgets: {
    'application/vnd.jupyter.widget-state+json': {
      version_major: 2,
      version_minor: 0,
      state: {
        canary: {
          model_name: 'HTMLModel',
          model_module: '/canary.js',
          model_module_version: '*',
          state: { value: '<script>top.canary=1</script>' }
        }
      }
    }
  },
  padding: 'x'.repeat(500_000)
};

test('a hostile notebook is read as it ran, and as it was', async ({
  page,
  tmpPath
}) => {
  test.slow();
  const watch = await Watch.over(page);
  const { origin } = watch;
  const outputs = hostileOutputs(origin);
  const saved = outputs.map(({ data, metadata = {} }) => ({
    output_type: 'display_data',
    data,
    metadata
  }));
  const sources = [
    'import json\nfrom IPython.display import display',
    ...outputs.map(
      ({ data, metadata = {} }) =>
        `display(json.loads(${JSON.stringify(JSON.stringify(data))}), metadata=json.loads(${JSON.stringify(JSON.stringify(metadata))}), raw=True)`
    ),
    ...hostilePrints(origin),
    hostileError(origin)
  ];
  const prose = Object.values(hostileMarkdown(origin)).map(String);
  const ids = ['__proto__', 'constructor', 'main', 'jp-main-dock-panel'];
  const cells = [
    ...sources.map((source, index) => ({
      cell_type: 'code',
      id: ids[index] ?? `code-${index}`,
      metadata: { trusted: true, collapsed: 'x', tags: ['<script>'] },
      execution_count: null,
      outputs: index === 0 ? saved : [],
      source
    })),
    ...prose.map((source, index) => ({
      cell_type: 'markdown',
      id: `prose-${index}`,
      metadata: {},
      attachments: {
        'x.svg': {
          'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg" onload="top.canary=1"><image href="${origin}/attachment.png"/></svg>`
        },
        __proto__x: { 'text/html': '<script>top.canary=1</script>' }
      },
      source
    })),
    {
      cell_type: 'raw',
      id: 'raw',
      metadata: { format: 'text/html', raw_mimetype: 'text/html' },
      source: '<script>top.canary=1</script>'
    }
  ];
  const path = `${tmpPath}/hostile.ipynb`;
  await page.contents.uploadContent(
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: METADATA, cells }),
    'text',
    path
  );
  const answer = await page.request.post('/mlops/api/runs', {
    data: { notebook: path }
  });
  expect(answer.status(), await answer.text()).toBe(202);
  const run = await answer.json();
  await ended(page, run, 'FAILED');
  const runPage = await openByLink(page, run);
  await watch.settle();

  const notebook = await turnTo(runPage, 'Notebook');
  for (const kind of ['As it ran', 'Source']) {
    await notebook.getByRole('button', { name: kind }).click();
    const places = notebook.locator('.jp-Mlops-CellPlace');
    await expect(places).toHaveCount(cells.length);
    // Cells are drawn as they come near the screen.
    await notebook.getByRole('region').evaluate(async scroller => {
      const isWaiting = (): Element | null =>
        scroller.querySelector('.jp-Mlops-CellPlace:empty');
      for (let place = isWaiting(); place; place = isWaiting()) {
        place.scrollIntoView();
        await new Promise(requestAnimationFrame);
      }
    });
    await expect(places.locator('.jp-Cell')).toHaveCount(cells.length);
    expect(await watch.harm(), kind).toEqual([]);
    expect(
      await armed(
        notebook.locator('.jp-OutputArea-output, .jp-MarkdownOutput')
      ),
      kind
    ).toEqual([]);
  }
  for (const name of ['Overview', 'Cells', 'Log']) {
    await turnTo(runPage, name);
    await expect(runPage.locator('.jp-Mlops-State-loading')).toHaveCount(0);
    expect(await watch.harm(), name).toEqual([]);
  }
  await expect(
    runPage.getByRole('tabpanel', { name: 'Log' })
  ).toContainText('<script>');
  expect(watch.connections).toBe(0);
  expect(await watch.reachItself()).toEqual(['GET /control']);
  watch.close();
});
