/**
 * Takes the pictures of README and guide anew: `node docs_images.js [NAME...]`, without names all
 * but that of the magics.
 *
 * A JupyterLab of its own runs the examples; it takes some minutes. Look at every picture before it is committed.
 */
const { execFileSync, spawn } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { chromium } = require('@playwright/test');

const { use } = require('./playwright.config');

const ROOT = path.join(__dirname, '..');
const IMAGES = path.join(ROOT, 'docs', 'images');
const PORT = execFileSync('python', [path.join(ROOT, 'scripts/free_port.py')])
  .toString()
  .trim();
const SERVER = `http://localhost:${PORT}`;
const state = mkdtempSync(path.join(tmpdir(), 'docs-images-'));
const files = path.join(state, 'work');
const env = {
  ...process.env,
  JMLOPS_HOME: path.join(state, 'home'),
  JUPYTERLAB_SETTINGS_DIR: path.join(state, 'settings'),
  JUPYTERLAB_WORKSPACES_DIR: path.join(state, 'workspaces'),
  JUPYTER_CONFIG_DIR: path.join(state, 'config'),
  JUPYTER_RUNTIME_DIR: path.join(state, 'runtime'),
  IPYTHONDIR: path.join(state, 'ipython'),
  LOGNAME: 'ada'
};

async function json(address, method = 'GET', data = undefined) {
  const answer = await fetch(`${SERVER}/mlops/api/${address}`, {
    method,
    body: data && JSON.stringify(data),
    headers: { 'Content-Type': 'application/json' }
  });
  if (!answer.ok) {
    throw new Error(`${address}: ${await answer.text()}`);
  }
  return answer.json();
}

async function until(test) {
  for (let turn = 0; turn < 1200; turn++) {
    const found = await test().catch(() => null);
    if (found) {
      return found;
    }
    await new Promise(resolve => setTimeout(resolve, 250));
  }
  throw new Error('Waited in vain.');
}

/** A quarter of the size, and nobody sees the difference. */
const FEWER_COLOURS = `
import sys
from PIL import Image
Image.open(sys.argv[1]).convert("RGB").quantize(256, kmeans=2).save(sys.argv[1], optimize=True)
`;

const start = (notebook, more = {}) =>
  json('runs', 'POST', { notebook: `${notebook}.ipynb`, ...more });
const ended = ({ run_id }) =>
  until(async () => {
    const run = await json(`runs/${run_id}`);
    return run.ended_at !== null && run;
  });

async function makeRuns() {
  const runs = {};
  for (const [notebook, more] of [
    ['breast_cancer', { name: 'l2, slow', experiment: 'breast cancer' }],
    [
      'breast_cancer',
      {
        name: 'l1, faster',
        experiment: 'breast cancer',
        parameters: { penalty: 'l1', learning_rate: 0.05 },
        tags: { data: 'breast cancer' }
      }
    ],
    ['diabetes', { experiment: 'diabetes' }],
    ['fails_at_a_cell', { experiment: 'diabetes' }],
    ['digits', { experiment: 'digits' }]
  ]) {
    const run = await start(notebook, more);
    await ended(run);
    runs[more.name ?? notebook] = run.run_id;
  }
  const { run_id } = await start('long_search', { experiment: 'digits' });
  runs.long_search = run_id;
  await until(async () =>
    (await json(`runs/${run_id}`)).metrics.some(({ count }) => count > 40)
  );
  return runs;
}

async function takeAll(page, runs, wanted) {
  const execute = (command, args = {}) =>
    page.evaluate(
      // What a command answers stays in the page.
      async ([id, options]) => {
        await globalThis.jupyterapp.commands.execute(id, options);
      },
      [command, args]
    );
  /** A picture of the page, or of one part as far down as `height` pixels. */
  const take = async (name, locator = null, height = Infinity) => {
    if (wanted.length && !wanted.includes(name)) {
      return;
    }
    // Away from everything that a pointer would light up, and let what moves come to rest.
    await page.mouse.move(700, 2);
    await page.waitForTimeout(1500);
    const file = path.join(IMAGES, `${name}.png`);
    const box = await locator?.boundingBox();
    const clip = box && { ...box, height: Math.min(box.height, height) };
    await page.screenshot({ path: file, clip, animations: 'disabled' });
    execFileSync('python', ['-c', FEWER_COLOURS, file]);
    console.log(file);
  };
  const showRun = async (name, section) => {
    await execute('mlops:open-run', { run_id: runs[name], section });
    await page.locator('.jp-Mlops-RunPage:visible').waitFor();
    await page
      .locator('.jp-Mlops-RunPage:visible .jp-Mlops-State-loading')
      .waitFor({ state: 'detached' });
  };
  const main = page.locator('#jp-main-dock-panel');

  const panel = page.locator('#jp-mlops-panel');
  await panel.getByRole('grid').waitFor();
  await panel.getByRole('button', { name: 'Hide' }).click();
  await execute('docmanager:open', { path: 'breast_cancer.ipynb' });
  const form = page.getByRole('form', { name: 'Run' });
  await form.getByRole('textbox', { name: 'learning_rate' }).fill('0.05');
  await form.getByLabel('penalty').selectOption('l1');
  await take('run-form-light');
  await showRun('l1, faster', 'overview');
  await take('overview-light');
  await execute('apputils:change-theme', { theme: 'JupyterLab Dark' });
  await take('overview-dark');
  await execute('apputils:change-theme', { theme: 'JupyterLab Light' });
  await take('runs-light', page.locator('.jp-Mlops-RunsSection:visible'), 320);
  await showRun('long_search', 'overview');
  await take('running-light', main, 540);
  await showRun('fails_at_a_cell', 'notebook');
  // What comes below names folders of whoever takes the picture.
  await take('failing-cell-light', main, 410);
  await showRun('digits', 'artifacts');
  await take('artifacts-light', main, 290);
}

async function run() {
  const wanted = process.argv.slice(2);
  execFileSync('jupyter', ['mlops', 'examples', files], { env });
  execFileSync(
    'jupyter',
    [
      'lab',
      'workspaces',
      'import',
      path.join(ROOT, 'scripts/demo/layout.json')
    ],
    { env }
  );
  const server = spawn(
    'jupyter',
    [
      'lab',
      '--allow-root',
      '--no-browser',
      `--port=${PORT}`,
      `--ServerApp.root_dir=${files}`,
      `--LabApp.app_settings_dir=${path.join(ROOT, 'scripts/demo')}`,
      '--IdentityProvider.token=',
      '--ServerApp.disable_check_xsrf=True',
      '--LabApp.expose_app_in_browser=True'
    ],
    { env, stdio: 'ignore' }
  );
  let browser = null;
  try {
    // Lists are answered once the store is open.
    await until(() => json('experiments'));
    const runs = await makeRuns();
    browser = await chromium.launch(use.launchOptions);
    const page = await browser.newPage({
      viewport: { width: 1400, height: 900 }
    });
    await page.goto(`${SERVER}/lab`);
    await takeAll(page, runs, wanted);
  } finally {
    await browser?.close();
    const { runs: active } = await json('runs?status=RUNNING');
    for (const { run_id } of active) {
      await json(`runs/${run_id}/cancel`, 'POST');
      await ended({ run_id });
    }
    server.kill('SIGTERM');
    await new Promise(resolve => server.once('exit', resolve));
    rmSync(state, { recursive: true, force: true, maxRetries: 20 });
  }
}

void run();
