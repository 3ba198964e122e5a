/** Journeys: one JupyterLab of their own, on a port and in folders of their own, in one browser. */
const { existsSync } = require('node:fs');
const path = require('node:path');
const base = require('@jupyterlab/galata/lib/playwright-config');
const { chromium } = require('@playwright/test');

const port = process.env.MLOPS_TEST_PORT || '9188';
const url = `http://localhost:${port}`;
const state = path.join(__dirname, '.state');
const isRoot = process.getuid?.() === 0;

/** Where the browser is: $CHROMIUM, else Playwright's own (undefined), else the system's. */
function browser() {
  if (process.env.CHROMIUM) {
    return process.env.CHROMIUM;
  }
  if (existsSync(chromium.executablePath())) {
    return undefined;
  }
  return [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome'
  ].find(existsSync);
}

module.exports = {
  ...base,
  testDir: 'tests',
  outputDir: 'test-results',
  timeout: 90000,
  expect: { ...base.expect, timeout: 20000 },
  retries: 0,
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    ...base.use,
    baseURL: url,
    trace: 'retain-on-failure',
    // Playwright's recorder needs an ffmpeg of its own, which a system's Chromium lacks.
    video: 'off',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: browser(),
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-gpu',
        '--disable-quic',
        '--disable-sync',
        '--no-first-run',
        ...(isRoot ? ['--no-sandbox'] : [])
      ]
    }
  },
  webServer: {
    command: [
      `rm -rf '${state}'`,
      `mkdir -p '${state}/files'`,
      `exec jupyter lab --config jupyter_server_test_config.py >'${state}/server.log' 2>&1`
    ].join(' && '),
    cwd: __dirname,
    url: `${url}/api/status`,
    timeout: 120000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15000 },
    env: {
      IPYTHONDIR: `${state}/ipython`,
      JMLOPS_HOME: `${state}/data/mlops`,
      JUPYTERLAB_GALATA_ROOT_DIR: `${state}/files`,
      JUPYTERLAB_SETTINGS_DIR: `${state}/settings`,
      JUPYTER_CONFIG_DIR: `${state}/config`,
      JUPYTER_DATA_DIR: `${state}/data`,
      JUPYTER_RUNTIME_DIR: `${state}/runtime`,
      MLOPS_TEST_PORT: port
    }
  }
};
