import { aRun, until } from '../../contract/__tests__/in_memory_server';
import type { Run } from '../../contract/types';
import { type ISetUp, setUpShared } from './shared';

let setUp: ISetUp;
let ended: Run[];
beforeEach(async () => {
  setUp = setUpShared();
  ended = [];
  setUp.shared.active.ended.connect((_, run) => {
    ended.push(run);
  });
  await setUp.follow();
});
afterEach(() => setUp.dispose());

function names(): string[] {
  return setUp.shared.active.runs.map(({ name }) => name);
}

describe('active runs', () => {
  it('are the running ones, then the queue in its order', async () => {
    const { server, follow } = setUp;
    server.create(
      aRun({
        run_id: 'a',
        name: 'second',
        status: 'SCHEDULED',
        queue_position: 2
      })
    );
    server.create(
      aRun({
        run_id: 'b',
        name: 'first',
        status: 'SCHEDULED',
        queue_position: 1
      })
    );
    server.create(aRun({ run_id: 'c', name: 'on', status: 'RUNNING' }));
    server.create(aRun({ run_id: 'd', name: 'over', status: 'FINISHED' }));
    await follow();
    await until(() => names().length === 3);
    expect(names()).toEqual(['on', 'first', 'second']);
  });

  it('take one request for all of them when they go on', async () => {
    const { server, follow } = setUp;
    for (let index = 0; index < 20; index++) {
      server.create(aRun({ run_id: `run${index}`, status: 'RUNNING' }));
    }
    await follow();
    await until(() => names().length === 20);
    const before = server.callsTo(/^runs/).length;
    for (let index = 0; index < 20; index++) {
      server.change(`run${index}`, { name: 'on' }, 'run.progressed');
    }
    await follow();
    await until(() => names()[0] === 'on');
    expect(server.callsTo(/^runs/).length).toBe(before + 1);
  });

  it('say once how each ended', async () => {
    const { server, follow } = setUp;
    server.create(aRun({ run_id: 'a', status: 'RUNNING' }));
    await follow();
    await until(() => names().length === 1);
    server.change('a', { status: 'FAILED', reason: 'cell_error' }, 'run.ended');
    await follow();
    await until(() => ended.length === 1);
    expect(ended[0]).toMatchObject({ run_id: 'a', reason: 'cell_error' });
    expect(names()).toEqual([]);
  });

  it('show a run that this window started before the server tells of it', () => {
    const { shared } = setUp;
    const launched: string[] = [];
    shared.active.launched.connect((_, { run_id }) => {
      launched.push(run_id);
    });
    shared.active.launch(aRun({ run_id: 'a', status: 'SCHEDULED' }));
    expect(names()).toEqual(['train']);
    expect(launched).toEqual(['a']);
  });

  it('tell the end of a run that was over before it was ever listed', async () => {
    const { server, shared, follow } = setUp;
    server.create(aRun({ run_id: 'a', status: 'FINISHED' }));
    shared.active.launch(aRun({ run_id: 'a', status: 'SCHEDULED' }));
    await follow();
    await until(() => ended.length === 1);
    expect(ended[0]?.status).toBe('FINISHED');
  });
});
