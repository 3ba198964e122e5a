import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { aRun, until } from '../../contract/__tests__/in_memory_server';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { type NoticeChoice, RunNotices } from '../run_notices';

const trans = nullTranslator.load('jupyter_mlops');

let setUp: ISetUp;
let opened: (string | undefined)[][];
let choice: NoticeChoice;

function begin(): RunNotices {
  return new RunNotices({
    active: setUp.shared.active,
    trans,
    storage: window.sessionStorage,
    choice: () => choice,
    actions: {
      open: (...args) => opened.push(args),
      cancel: () => undefined
    }
  });
}

beforeEach(async () => {
  window.sessionStorage.clear();
  Notification.dismiss();
  setUp = setUpShared();
  opened = [];
  choice = 'mine';
  await setUp.follow();
});
afterEach(() => setUp.dispose());

function notices(): [string, string][] {
  return Notification.manager.notifications.map(({ type, message }) => [
    type,
    message
  ]);
}

function launch(runId: string): void {
  const run = setUp.server.create(
    aRun({
      run_id: runId,
      name: runId,
      status: 'RUNNING',
      progress: {
        cells_done: 1,
        cells_total: 4,
        current_cell: 1,
        failing_cell: null
      }
    })
  );
  setUp.shared.active.launch(run);
}

/** The runs that a reload of the page does not forget. */
function kept(): string[] {
  const text = window.sessionStorage.getItem('jupyter-mlops:launched');
  return JSON.parse(text ?? '[]') as string[];
}

/** Load the page anew, with the same runs on the server. */
function reload(): void {
  Notification.dismiss();
  setUp.dispose();
  const { server } = setUp;
  setUp = setUpShared();
  setUp.server.runs = server.runs;
  begin();
}

async function end(runId: string, change: object): Promise<void> {
  setUp.server.change(runId, change, 'run.ended');
  await setUp.follow();
  await until(
    () => !setUp.shared.active.runs.some(({ run_id }) => run_id === runId)
  );
  await new Promise(resolve => setTimeout(resolve, 0));
}

describe('the notifications of runs', () => {
  it('follow a run from its start to its end in one place', async () => {
    begin();
    launch('wine');
    expect(notices()).toEqual([['in-progress', 'wine runs: cell 2 of 4.']]);
    await end('wine', { status: 'FINISHED' });
    await until(() => notices()[0]?.[0] === 'success');
    expect(notices()).toEqual([['success', 'wine finished in 2.0 s.']]);
  });

  it('lead from a failure to the cell', async () => {
    begin();
    launch('wine');
    await end('wine', {
      status: 'FAILED',
      reason: 'cell_error',
      message: 'ValueError: no',
      progress: {
        cells_done: 2,
        cells_total: 4,
        current_cell: null,
        failing_cell: 3
      }
    });
    await until(() => notices()[0]?.[0] === 'error');
    expect(notices()[0]?.[1]).toBe('wine failed: ValueError: no');
    const [action] =
      Notification.manager.notifications[0]?.options.actions ?? [];
    expect(action?.label).toBe('Show the cell');
    action?.callback(new MouseEvent('click'));
    expect(opened).toEqual([['wine', 'notebook']]);
  });

  it('are silent about runs that others started', async () => {
    begin();
    setUp.server.create(aRun({ run_id: 'other', status: 'RUNNING' }));
    await setUp.follow();
    await until(() => setUp.shared.active.runs.length === 1);
    await end('other', { status: 'FAILED' });
    expect(notices()).toEqual([]);
  });

  it('go on after a reload of the page', async () => {
    begin();
    launch('wine');
    reload();
    await setUp.follow();
    await until(() => notices().length === 1);
    await end('wine', { status: 'KILLED', reason: 'cancelled' });
    await until(() => notices()[0]?.[0] === 'warning');
  });

  it('tell of an end that came while the page was loaded anew', async () => {
    begin();
    launch('wine');
    launch('bread');
    setUp.server.change(
      'wine',
      { status: 'FAILED', message: 'no' },
      'run.ended'
    );
    reload();
    await until(() => notices().length === 2);
    expect(notices()).toContainEqual(['error', 'wine failed: no']);
    expect(kept()).toEqual(['bread']);
    await end('bread', { status: 'FINISHED' });
    await until(() => kept().length === 0);
    const { length } = notices();
    reload();
    await setUp.follow();
    expect(length).toBe(2);
    expect(notices()).toEqual([]);
  });

  it('forget a run that does not exist any more', async () => {
    begin();
    launch('wine');
    setUp.server.runs = [];
    reload();
    await until(() => kept().length === 0);
    expect(notices()).toEqual([]);
  });

  it('tell of failures alone if the user wants no more', async () => {
    choice = 'failures';
    begin();
    launch('good');
    launch('bad');
    expect(notices()).toEqual([]);
    await end('good', { status: 'FINISHED' });
    await end('bad', { status: 'FAILED', reason: 'out_of_memory' });
    await until(() => notices().length === 1);
    expect(notices()).toEqual([['error', 'bad failed: Out of memory']]);
  });

  it('do not pile up when many runs start at once', () => {
    begin();
    for (let index = 0; index < 20; index++) {
      launch(`run${index}`);
    }
    expect(notices().length).toBeLessThanOrEqual(3);
  });
});
