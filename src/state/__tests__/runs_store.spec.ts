import {
  aRun,
  type ICallRecord,
  refusal,
  until
} from '../../contract/__tests__/in_memory_server';
import { type ISetUp, setUpShared } from './shared';

let setUp: ISetUp;
beforeEach(async () => {
  setUp = setUpShared();
  await setUp.follow();
});
afterEach(() => setUp.dispose());

function fill(count: number): void {
  for (let index = 0; index < count; index++) {
    setUp.server.runs.push(aRun({ run_id: `run${index}`, name: `n${index}` }));
  }
}

async function open(): Promise<void> {
  const { runs } = setUp.shared;
  runs.setLive(true);
  runs.need(0);
  await until(() => !runs.isLoading);
}

function ids(): string[] {
  return setUp.shared.runs.runs.map(({ run_id }) => run_id);
}

describe('the list of runs', () => {
  it('asks nothing until somebody looks', async () => {
    fill(3);
    setUp.server.create(aRun({ run_id: 'new' }));
    await setUp.follow();
    const lists = setUp.server
      .callsTo('runs')
      .filter(({ query }) => !query.has('status'));
    expect(lists).toEqual([]);
  });

  it('reads ten thousand runs page by page, as they come into view', async () => {
    fill(10_000);
    await open();
    const { runs } = setUp.shared;
    expect(runs.total).toBe(10_000);
    expect(runs.runs.length).toBe(100);
    while (runs.runs.length < 10_000) {
      runs.need(9_999);
      await until(() => !runs.isLoading);
    }
    expect(new Set(ids()).size).toBe(10_000);
    expect(setUp.server.callsTo('runs').length).toBeLessThan(20);
  });

  it('shows a new run on top without reading the rest again', async () => {
    fill(1500);
    await open();
    const { runs } = setUp.shared;
    runs.need(1200);
    await until(() => !runs.isLoading);
    const loaded = runs.runs.length;
    setUp.server.create(aRun({ run_id: 'new' }));
    await setUp.follow();
    await until(() => ids()[0] === 'new');
    expect(runs.runs.length).toBe(loaded + 1);
    expect(runs.total).toBe(1501);
  });

  it('follows the progress of a run', async () => {
    setUp.server.create(aRun({ run_id: 'a', status: 'RUNNING' }));
    await open();
    const progress = {
      cells_done: 3,
      cells_total: 4,
      current_cell: 3,
      failing_cell: null
    };
    setUp.server.change('a', { progress }, 'run.progressed');
    await setUp.follow();
    await until(() => setUp.shared.runs.get('a')?.progress.cells_done === 3);
  });

  it('reads single rows far down, not the list above them', async () => {
    fill(300);
    await open();
    const { runs } = setUp.shared;
    runs.need(250);
    await until(() => !runs.isLoading);
    const before = setUp.server.callsTo('runs').length;
    setUp.server.change('run250', { name: 'renamed' }, 'run.changed');
    await setUp.follow();
    await until(() => runs.get('run250')?.name === 'renamed');
    expect(setUp.server.callsTo('runs').length).toBe(before);
  });

  it('drops the answer to a filter that is not set any more', async () => {
    fill(2);
    await open();
    const { server, shared } = setUp;
    let release = (): void => undefined;
    server.delay = call =>
      call.query.get('q') === 'n0'
        ? new Promise(resolve => {
            release = resolve;
          })
        : Promise.resolve();
    shared.runs.setFilter({ search: 'n0' });
    shared.runs.setFilter({ search: 'n1' });
    await until(() => !shared.runs.isLoading);
    release();
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(ids()).toEqual(['run1']);
  });

  it('takes a run out when it goes to the trash, and the selection with it', async () => {
    fill(3);
    await open();
    const { runs, api } = setUp.shared;
    runs.selection.moveTo('run1');
    runs.selection.toggle('run1');
    runs.put(await api.trashRun('run1'));
    expect(ids()).toEqual(['run0', 'run2']);
    expect(runs.total).toBe(2);
    expect(runs.selection.ids.size).toBe(0);
    expect(runs.selection.current).toBe('run2');
  });

  it.each([3, 1300])(
    'takes a run out that was deleted for good, at place %d of the list',
    async place => {
      fill(1500);
      await open();
      const { runs } = setUp.shared;
      runs.need(1400);
      await until(() => !runs.isLoading);
      const [gone] = setUp.server.runs.splice(place, 1);
      setUp.server.emit('run.purged', gone?.run_id ?? '');
      await setUp.follow();
      await until(() => runs.total === 1499);
      expect(ids()).not.toContain(gone?.run_id);
    }
  );

  it('takes a run out when it no longer has the state that is shown', async () => {
    setUp.server.create(aRun({ run_id: 'a', status: 'RUNNING' }));
    await open();
    const { runs } = setUp.shared;
    runs.setFilter({ status: ['RUNNING'] });
    await until(() => !runs.isLoading);
    expect(ids()).toEqual(['a']);
    setUp.server.change('a', { status: 'FINISHED' }, 'run.ended');
    await setUp.follow();
    await until(() => ids().length === 0);
  });

  it('does not read while nobody looks, and catches up on the next look', async () => {
    fill(1);
    await open();
    const { runs } = setUp.shared;
    runs.setLive(false);
    const before = setUp.server.calls.length;
    setUp.server.create(aRun({ run_id: 'new' }));
    await setUp.follow();
    expect(
      setUp.server.calls
        .slice(before)
        .filter(({ path, query }) => path === 'runs' && !query.has('status'))
    ).toEqual([]);
    runs.setLive(true);
    await until(() => ids()[0] === 'new');
  });

  it('knows that a run ended also while nobody looks', async () => {
    setUp.server.create(aRun({ run_id: 'a', status: 'RUNNING' }));
    await open();
    const { active, runs } = setUp.shared;
    await setUp.follow();
    await until(() => active.runs.length === 1);
    runs.setLive(false);
    setUp.server.change('a', { status: 'FINISHED' }, 'run.ended');
    await setUp.follow();
    await until(() => runs.get('a')?.status === 'FINISHED');
  });

  it('judges by no row that changed, until it is read again', async () => {
    fill(1);
    await open();
    const { runs } = setUp.shared;
    runs.setLive(false);
    setUp.server.change('run0', { name: 'other' }, 'run.changed');
    await setUp.follow();
    expect(runs.get('run0')?.name).toBe('n0');
    expect(runs.fresh('run0')).toBeNull();
    runs.setLive(true);
    await until(() => runs.fresh('run0') !== null);
    expect(runs.fresh('run0')?.name).toBe('other');
  });

  it('reads once more what changed while it was reading', async () => {
    setUp.server.create(aRun({ run_id: 'a', status: 'RUNNING' }));
    await open();
    const { server, shared, follow } = setUp;
    let release: (() => void) | null = null;
    server.delay = ({ path, query }) =>
      path === 'runs' && !query.has('status') && !release
        ? new Promise(resolve => {
            release = resolve;
          })
        : Promise.resolve();
    const answer = [...server.runs];
    server.override = ({ path, query }) =>
      path === 'runs' && !query.has('status') && server.override
        ? ((server.override = null),
          {
            status: 200,
            body: { runs: answer, total: 1, next_cursor: null }
          })
        : undefined;
    server.emit('run.started', 'a');
    await follow();
    await until(() => release !== null);
    server.change('a', { status: 'FINISHED' }, 'run.ended');
    await follow();
    (release as unknown as () => void)();
    await until(() => shared.runs.get('a')?.status === 'FINISHED');
  });

  it('keeps what it has when the server refuses, and says so', async () => {
    fill(2);
    await open();
    const { runs } = setUp.shared;
    setUp.server.isReachable = false;
    await runs.reload();
    expect(runs.error).not.toBeNull();
    setUp.server.isReachable = true;
    await runs.reload();
    expect(runs.error).toBeNull();
    expect(ids()).toHaveLength(2);
  });

  it('asks again for a page that failed, later and later, or when told to', async () => {
    fill(300);
    await open();
    const { server, shared } = setUp;
    const { runs } = shared;
    server.override = ({ query }) =>
      query.has('cursor') ? refusal(500, 'internal') : undefined;
    // As the list does: it asks for the rows on screen with every drawing.
    const draw = (): void => runs.need(250);
    runs.changed.connect(draw);
    draw();
    await until(() => runs.error !== null);
    await new Promise(resolve => setTimeout(resolve, 20));
    const further = (): number =>
      server.calls.filter(({ query }) => query.has('cursor')).length;
    expect(further()).toBe(1);
    expect(ids()).toHaveLength(100);
    await until(() => further() === 2);
    // What failed stands there until it is read.
    expect(runs.error).not.toBeNull();

    server.override = null;
    runs.retry();
    await until(() => runs.runs.length === 300);
    expect(further()).toBe(3);
    expect(runs.error).toBeNull();
  });

  it.each(['the first page', 'a further page', 'what is new'])(
    'comes back by itself once %s can be read again',
    async what => {
      fill(300);
      const { server, shared, follow } = setUp;
      const { runs } = shared;
      const isList = ({ path, query }: ICallRecord): boolean =>
        path === 'runs' && !query.has('status');
      const fail = (): void => {
        server.override = call =>
          isList(call) ? refusal(503, 'unavailable') : undefined;
      };
      if (what === 'the first page') {
        fail();
      }
      await open();
      fail();
      if (what === 'a further page') {
        runs.need(250);
      } else if (what === 'what is new') {
        server.create(aRun({ run_id: 'new' }));
        await follow();
      }
      await until(() => runs.error !== null);
      const before = server.calls.filter(isList).length;
      server.override = null;
      await until(() => runs.error === null);
      expect(server.calls.filter(isList)).toHaveLength(before + 1);
      expect(runs.isLoaded).toBe(true);
    }
  );

  it('does not ask again for what the server refused for good, nor while nobody looks', async () => {
    fill(300);
    await open();
    const { server, shared } = setUp;
    const { runs } = shared;
    const pages = (): number =>
      server.calls.filter(({ query }) => query.has('cursor')).length;
    server.override = ({ query }) =>
      query.has('cursor') ? refusal(400, 'invalid_request') : undefined;
    runs.need(250);
    await until(() => runs.error !== null);
    await new Promise(resolve => setTimeout(resolve, 1100));
    expect(pages()).toBe(1);

    server.override = ({ query }) =>
      query.has('cursor') ? refusal(503, 'unavailable') : undefined;
    runs.retry();
    await until(() => pages() === 2 && !runs.isLoading);
    runs.setLive(false);
    await new Promise(resolve => setTimeout(resolve, 1100));
    expect(pages()).toBe(2);
    server.override = null;
    runs.setLive(true);
    await until(() => runs.runs.length === 300);
  });

  it('shows the answers about many runs in one change', async () => {
    fill(3);
    await open();
    const { runs } = setUp.shared;
    let changes = 0;
    runs.changed.connect(() => {
      changes += 1;
    });
    runs.put(
      aRun({ run_id: 'run0', version: 2, deleted_at: 1 }),
      aRun({ run_id: 'run2', version: 2, name: 'other' })
    );
    expect(ids()).toEqual(['run1', 'run2']);
    expect(runs.get('run2')?.name).toBe('other');
    expect(runs.total).toBe(2);
    runs.drop('run1', 'run2');
    expect(runs.total).toBe(0);
    expect(changes).toBe(2);
  });

  it('does not let an older answer overwrite a newer one', async () => {
    setUp.server.create(aRun({ run_id: 'a', name: 'new', version: 5 }));
    await open();
    const { runs } = setUp.shared;
    runs.put(aRun({ run_id: 'a', name: 'old', version: 4 }));
    expect(runs.get('a')?.name).toBe('new');
  });
});
