import {
  aRun,
  refusal,
  until
} from '../../contract/__tests__/in_memory_server';
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

/** Queue runs from `q1` at the head; the newest is the first of the list. */
function enqueue(count: number): Run[] {
  const queue = Array.from({ length: count }, (_, index) =>
    aRun({
      run_id: `q${count - index}`,
      name: `place ${count - index}`,
      status: 'SCHEDULED',
      queue_position: count - index
    })
  );
  setUp.server.runs.unshift(...queue);
  return queue;
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

  it('hold every run that runs, however many wait behind it', async () => {
    const { server, follow } = setUp;
    enqueue(1500);
    server.runs.push(aRun({ run_id: 'on', name: 'on', status: 'RUNNING' }));
    server.emit('run.created', 'on');
    await follow();
    await until(() => names().length === 1501);
    expect(names().slice(0, 3)).toEqual(['on', 'place 1', 'place 2']);
  });

  it('tell each end from a queue that is longer than anybody reads', async () => {
    const { server, shared, follow } = setUp;
    const [head] = enqueue(5100).slice(-1);
    server.runs.push(aRun({ run_id: 'on', status: 'RUNNING' }));
    shared.active.launch(head as Run);
    server.emit('run.created', 'on');
    await follow();
    await until(() => names().length === 5002);
    expect(names()[1]).toBe('place 1');
    server.change('on', { status: 'FINISHED' }, 'run.ended');
    server.change('q1', { status: 'KILLED' }, 'run.ended');
    await follow();
    await until(() => ended.length === 2);
    expect(ended.map(({ run_id }) => run_id)).toEqual(['on', 'q1']);
    expect(names()).toHaveLength(5000);
  });

  it('read the queue only when it moves', async () => {
    const { server, follow } = setUp;
    enqueue(3);
    server.create(aRun({ run_id: 'on', name: 'on', status: 'RUNNING' }));
    await follow();
    await until(() => names().length === 4);
    const before = server.calls.length;
    server.change('on', { name: 'further' }, 'run.logged');
    await follow();
    await until(() => names()[0] === 'further');
    const asked = server.calls
      .slice(before)
      .flatMap(({ query }) => query.getAll('status'));
    expect(asked).toEqual(['RUNNING']);
    expect(names()).toHaveLength(4);
  });

  it('see an end that came while they were being read', async () => {
    const { server, follow } = setUp;
    server.create(aRun({ run_id: 'a', status: 'RUNNING' }));
    await follow();
    await until(() => names().length === 1);
    const answer = { runs: [...server.runs], total: 1, next_cursor: null };
    let isAsked = false;
    let release = (): void => undefined;
    server.delay = ({ path }) =>
      path === 'runs' && !isAsked
        ? new Promise(resolve => {
            isAsked = true;
            release = resolve;
          })
        : Promise.resolve();
    server.override = ({ path }) => {
      if (path !== 'runs') {
        return undefined;
      }
      server.override = null;
      return { status: 200, body: answer };
    };
    server.emit('run.progressed', 'a');
    await follow();
    await until(() => isAsked);
    server.change('a', { status: 'FINISHED' }, 'run.ended');
    await follow();
    release();
    await until(() => ended.length === 1);
    expect(names()).toEqual([]);
  });

  it('tell the ends that could not be read at first', async () => {
    const { server, follow } = setUp;
    for (const run_id of ['a', 'b']) {
      server.create(aRun({ run_id, status: 'RUNNING' }));
    }
    await follow();
    await until(() => names().length === 2);
    server.override = ({ path }) =>
      /^runs\/./.test(path) ? refusal(503, 'unavailable') : undefined;
    server.change('a', { status: 'FAILED' }, 'run.ended');
    server.change('b', { status: 'FAILED' }, 'run.ended');
    await follow();
    await until(() => names().length === 0);
    await until(() => server.callsTo(/^runs\/./).length > 0);
    expect(ended).toEqual([]);
    server.override = null;
    server.emit('run.created', 'c');
    await follow();
    await until(() => ended.length === 2);
  });

  it('are read again by themselves after a failure, with nothing more to hear of them', async () => {
    const { server, follow } = setUp;
    server.override = ({ path }) =>
      path === 'runs' ? refusal(503, 'unavailable') : undefined;
    server.create(aRun({ run_id: 'a', name: 'on', status: 'RUNNING' }));
    await follow();
    await until(() => server.callsTo('runs').length > 0);
    server.override = null;
    await until(() => names().length === 1);
    server.override = ({ path }) =>
      path === 'runs/a' ? refusal(503, 'unavailable') : undefined;
    server.change('a', { status: 'FAILED' }, 'run.ended');
    await follow();
    await until(() => server.callsTo('runs/a').length > 0);
    server.override = null;
    await until(() => ended.length === 1);
  });

  it('tell of a run that is followed whatever became of it', async () => {
    const { server, shared } = setUp;
    const vanished: string[] = [];
    shared.active.vanished.connect((_, runId) => {
      vanished.push(runId);
    });
    server.runs = [
      aRun({ run_id: 'over', status: 'FINISHED' }),
      aRun({ run_id: 'on', name: 'on', status: 'RUNNING' })
    ];
    shared.active.follow(['gone', 'over', 'on']);
    await until(() => names().length === 1);
    expect(vanished).toEqual(['gone']);
    expect(ended.map(({ run_id }) => run_id)).toEqual(['over']);
  });
});
