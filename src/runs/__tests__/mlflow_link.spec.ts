import { CommandRegistry } from '@lumino/commands';

import {
  aRun,
  InMemoryServer
} from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import { followMlflowLink, mlflowPlace } from '../mlflow_link';

const RUN_ID = '0123456789abcdef'.repeat(2);
const RUN = `#/experiments/3/runs/${RUN_ID}`;
const HUB = 'https://hub.example.org/user/ann/';
const LAPTOP = 'http://localhost:8888/';

describe('a link that a client of MLflow printed', () => {
  it.each([
    // By the browser's address, or by that which kernels have.
    [`${HUB}mlops/${RUN}`, HUB],
    [`http://127.0.0.1:43210/user/ann/mlops/${RUN}`, HUB],
    [`http://127.0.0.1:8888/mlops/${RUN}`, LAPTOP],
    [`http://[::1]:8888/mlops/${RUN}/artifacts`, LAPTOP]
  ])('%s leads to a run on this server', (link, here) => {
    expect(mlflowPlace(link, here)).toEqual({
      experimentId: 3,
      runId: RUN_ID,
      isOurs: true
    });
  });

  it('may lead to another server of the same machine', () => {
    const place = mlflowPlace(`http://127.0.0.1:8889/mlops/${RUN}`, LAPTOP);
    expect(place?.isOurs).toBe(false);
  });

  it.each([
    '#/experiments/3',
    '#/experiments/3/runs/short',
    '#/experiments/3/models/m-1'
  ])('%s leads to an experiment', hash => {
    expect(mlflowPlace(`${HUB}mlops/${hash}`, HUB)).toEqual({
      experimentId: 3,
      runId: null,
      isOurs: true
    });
  });

  it.each([
    `https://example.org/user/ann/mlops/${RUN}`,
    `${HUB}lab${RUN}`,
    `https://hub.example.org/user/bob/mlops/${RUN}`,
    `http://127.0.0.1:5000/${RUN}`,
    `${HUB}mlops/#/models/wine`,
    `${HUB}mlops/`,
    'mailto:ann@example.org'
  ])('%s is left alone', link => {
    expect(mlflowPlace(link, HUB)).toBeNull();
  });
});

describe('a click on such a link', () => {
  let server: InMemoryServer;
  let done: unknown[];
  beforeEach(() => {
    server = new InMemoryServer();
    done = [];
    jest.spyOn(window, 'open').mockImplementation((link, target, features) => {
      done.push([link, target, features]);
      return null;
    });
  });

  async function click(link: string): Promise<void> {
    const commands = new CommandRegistry();
    for (const id of [CommandIDs.openRun, CommandIDs.showRuns]) {
      commands.addCommand(id, { execute: args => void done.push([id, args]) });
    }
    await followMlflowLink(link, server.api, commands);
  }

  it('opens the run, or the list of the experiment', async () => {
    await click(`http://localhost/user/ann/mlops/${RUN}`);
    await click('http://localhost/user/ann/mlops/#/experiments/3');
    expect(done).toEqual([
      [CommandIDs.openRun, { run_id: RUN_ID }],
      [CommandIDs.showRuns, { experiment_id: 3 }]
    ]);
  });

  it('opens a run that is known here, whatever port the kernel knows', async () => {
    server.create(aRun({ run_id: RUN_ID }));
    await click(`http://127.0.0.1:8888/user/ann/mlops/${RUN}`);
    expect(done).toEqual([[CommandIDs.openRun, { run_id: RUN_ID }]]);
  });

  it.each([
    `http://127.0.0.1:8888/user/ann/mlops/${RUN}`,
    'http://127.0.0.1:8888/user/ann/mlops/#/experiments/3',
    `https://example.org/user/ann/mlops/${RUN}`
  ])('on %s goes where it says when that is not here', async link => {
    await click(link);
    expect(done).toEqual([[link, '_blank', 'noopener']]);
  });
});
