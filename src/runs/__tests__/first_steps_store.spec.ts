import { StateDB } from '@jupyterlab/statedb';
import { CommandRegistry } from '@lumino/commands';

import { aRun, until } from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import type { Run } from '../../contract/types';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { FirstStepsStore, STEPS, type Step } from '../first_steps_store';

let setUp: ISetUp;
let commands: CommandRegistry;
let database: StateDB;

beforeEach(async () => {
  setUp = setUpShared();
  commands = new CommandRegistry();
  commands.addCommand(CommandIDs.openRun, { execute: () => undefined });
  database = new StateDB();
  await setUp.follow();
});
afterEach(() => setUp.dispose());

async function begin(): Promise<FirstStepsStore> {
  const store = new FirstStepsStore({
    shared: setUp.shared,
    commands,
    database
  });
  await until(() => store.isReady);
  return store;
}

function done(store: FirstStepsStore): Step[] {
  return STEPS.filter(step => store.isDone(step));
}

function parameters(alpha: number): Pick<Run, 'parameters'> {
  return {
    parameters: [
      {
        key: 'alpha',
        value: alpha,
        type: 'float',
        secret: false,
        origin: 'given'
      }
    ]
  };
}

describe('the first steps', () => {
  it('begin with nothing done', async () => {
    const store = await begin();
    expect(done(store)).toEqual([]);
    expect(store.next).toBe('run');
  });

  it('see that a notebook ran', async () => {
    const store = await begin();
    setUp.server.create(aRun({ run_id: 'a' }));
    await setUp.follow();
    await until(() => store.isDone('run'));
    expect(store.next).toBe('look');
  });

  it('see that a run was looked at, and that it was a failed one', async () => {
    setUp.server.runs.push(aRun({ run_id: 'bad', status: 'FAILED' }));
    setUp.server.runs.push(aRun({ run_id: 'good' }));
    const store = await begin();
    await commands.execute(CommandIDs.openRun, { run_id: 'good' });
    expect(done(store)).toEqual(['run', 'look']);
    await commands.execute(CommandIDs.openRun, { run_id: 'bad' });
    expect(done(store)).toEqual(['run', 'look', 'failure']);
  });

  it('see that a failed run was looked at, though it was not known as failed by then', async () => {
    const store = await begin();
    setUp.server.runs.push(aRun({ run_id: 'bad', status: 'FAILED' }));
    await commands.execute(CommandIDs.openRun, { run_id: 'bad' });
    await until(() => store.isDone('failure'));

    setUp.server.runs.push(aRun({ run_id: 'other', status: 'FAILED' }));
    await database.clear();
    const again = await begin();
    expect(again.isDone('failure')).toBe(false);
  });

  it('repeat the latest run of a notebook, whatever else ran since', async () => {
    setUp.server.create(aRun({ run_id: 'a' }));
    setUp.server.create(aRun({ run_id: 'b', source_type: 'interactive' }));
    const store = await begin();
    await until(() => store.latestRun?.run_id === 'b');
    expect(store.latestNotebookRun?.run_id).toBe('a');
  });

  it('want other parameters, not just another run', async () => {
    setUp.server.runs.push(aRun({ run_id: 'a', ...parameters(1) }));
    setUp.server.runs.push(aRun({ run_id: 'b', ...parameters(1) }));
    const store = await begin();
    expect(store.isDone('repeat')).toBe(false);
    setUp.server.create(aRun({ run_id: 'c', ...parameters(2) }));
    await setUp.follow();
    await until(() => store.isDone('repeat'));
  });

  it('see code that tracks itself', async () => {
    const store = await begin();
    setUp.server.create(aRun({ run_id: 'a', source_type: 'interactive' }));
    await setUp.follow();
    await until(() => store.isDone('own'));
    expect(store.isDone('run')).toBe(false);
  });

  it('are known after a reload, whether the server or the memory answers first', async () => {
    await database.save('jupyter-mlops:first-steps', [...STEPS]);
    setUp.server.runs.push(aRun({ run_id: 'a' }));
    for (const isServerFirst of [true, false]) {
      setUp.dispose();
      const { runs } = setUp.server;
      setUp = setUpShared();
      setUp.server.runs = runs;
      if (isServerFirst) {
        await setUp.follow();
      }
      const store = new FirstStepsStore({
        shared: setUp.shared,
        commands,
        database
      });
      expect(await store.wasComplete()).toBe(true);
      if (!isServerFirst) {
        await setUp.follow();
      }
      await until(() => store.isReady);
      expect(done(store)).toEqual([...STEPS]);
      expect(store.latestRun?.run_id).toBe('a');
    }
  });

  it('lead to a run that failed this moment', async () => {
    const store = await begin();
    setUp.server.runs.push(aRun({ run_id: 'bad', status: 'FAILED' }));
    expect(store.failedRun).toBeNull();
    await store.renew();
    expect(store.failedRun?.run_id).toBe('bad');
  });

  it('say once that the last one is done', async () => {
    await database.save(
      'jupyter-mlops:first-steps',
      STEPS.filter(step => step !== 'own')
    );
    const store = await begin();
    let times = 0;
    store.completed.connect(() => {
      times += 1;
    });
    expect(await store.wasComplete()).toBe(false);
    for (const run_id of ['a', 'b']) {
      setUp.server.create(aRun({ run_id, source_type: 'interactive' }));
      await setUp.follow();
      await until(() => store.latestRun?.run_id === run_id);
    }
    expect(times).toBe(1);
  });

  it('stay done, also after a reload, whatever is deleted', async () => {
    setUp.server.runs.push(aRun({ run_id: 'a' }));
    const store = await begin();
    await commands.execute(CommandIDs.openRun, { run_id: 'a' });
    expect(done(store)).toEqual(['run', 'look']);
    setUp.server.runs = [];
    const again = await begin();
    expect(done(again)).toEqual(['run', 'look']);
  });
});
