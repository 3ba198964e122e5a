import { ApiError } from '../../contract/errors';
import type { Run } from '../../contract/types';
import type { IRunNews } from '../run_page_store';
import { aRun, aStore, MadeFeed, settled } from './parts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const after = (milliseconds: number): Promise<void> =>
  jest.advanceTimersByTimeAsync(milliseconds);

describe('the store of a run page', () => {
  it('reads the run at once', async () => {
    const store = aStore({ run: async () => aRun({ name: 'first' }) });
    await settled();
    expect(store.run?.name).toBe('first');
    expect(store.isLive).toBe(false);
  });

  it('asks nothing while there is no server, and everything once it answers', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed(false);
    const store = aStore({ run }, feed);
    expect(run).not.toHaveBeenCalled();
    feed.reset();
    await settled();
    expect(run).toHaveBeenCalledTimes(1);
    expect(store.run).not.toBeNull();
  });

  it('reads again when something happened to its run, and tells the tabs what', async () => {
    const answers = [aRun({ status: 'RUNNING' }), aRun({ name: 'later' })];
    const feed = new MadeFeed();
    const store = aStore({ run: async () => answers.shift() as Run }, feed);
    await settled();
    expect(store.isLive).toBe(true);
    const news: IRunNews[] = [];
    store.news.connect((_, item) => {
      news.push(item);
      // The run is read before its tabs are told.
      expect(store.run?.name).toBe('later');
    });
    feed.tell('run.logged');
    await after(500);
    expect(news.map(item => [...item.types])).toEqual([['run.logged']]);
  });

  it('leaves other runs alone', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed();
    aStore({ run }, feed);
    await settled();
    feed.tell('run.logged', 'b'.repeat(32));
    await after(500);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('shows slow answers while changes come fast, and asks one question at a time', async () => {
    let asked = 0;
    let open = 0;
    const feed = new MadeFeed();
    const store = aStore(
      {
        run: async () => {
          const mine = ++asked;
          expect(++open).toBe(1);
          await new Promise(resolve => setTimeout(resolve, 1000));
          open -= 1;
          return aRun({ name: `reading ${mine}` });
        }
      },
      feed
    );
    const shown = new Set<string | undefined>();
    const news: string[] = [];
    store.news.connect((_, { types }) => news.push([...types].join()));
    for (let turn = 0; turn < 40; turn++) {
      feed.tell(turn % 2 ? 'run.logged' : 'run.progressed');
      await after(100);
      shown.add(store.run?.name);
    }
    expect(shown).toContain('reading 1');
    expect(shown).toContain('reading 2');
    expect(shown).toContain('reading 3');
    expect(news.length).toBeGreaterThan(1);
    // Whatever came while a reading was under way is told after the next one.
    expect(news.at(-1)?.split(',').sort()).toEqual([
      'run.logged',
      'run.progressed'
    ]);
    store.dispose();
  });

  it('reads nothing while its page is hidden, and catches up when it is shown', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed();
    const store = aStore({ run }, feed);
    await after(500);
    const news: string[][] = [];
    store.news.connect((_, { types }) => news.push([...types].sort()));
    store.setLive(false);
    feed.tell('run.logged');
    await after(5000);
    feed.tell('run.ended');
    await after(5000);
    expect(run).toHaveBeenCalledTimes(1);
    store.setLive(true);
    await after(0);
    expect(run).toHaveBeenCalledTimes(2);
    expect(news).toEqual([['run.ended', 'run.logged']]);
    store.setLive(false);
    store.setLive(true);
    await after(5000);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('shows what was changed here, whatever was asked before', async () => {
    const answer: ((run: Run) => void)[] = [];
    const store = aStore({
      run: () => new Promise(resolve => answer.push(resolve))
    });
    store.put(aRun({ name: 'renamed' }));
    answer[0]?.(aRun({ name: 'old' }));
    await after(500);
    expect(store.run?.name).toBe('renamed');
    // What was dropped may have held news of other things.
    answer[1]?.(aRun({ name: 'renamed', status: 'KILLED' }));
    await after(0);
    expect(store.run?.status).toBe('KILLED');
  });

  it('keeps what it showed when a reading fails, and says why', async () => {
    const failure = new ApiError('unreachable', 'away');
    const answers = [Promise.resolve(aRun()), Promise.reject(failure)];
    const store = aStore({ run: () => answers.shift() as Promise<Run> });
    await settled();
    store.reload();
    await settled();
    expect(store.run).not.toBeNull();
    expect(store.error).toBe(failure);
  });

  it('reads again by itself, less and less often, after a failure that may pass', async () => {
    let isAway = true;
    const run = jest.fn(() =>
      isAway
        ? Promise.reject(new ApiError('unreachable', 'away'))
        : Promise.resolve(aRun())
    );
    const store = aStore({ run });
    await after(60_000);
    expect(run.mock.calls.length).toBeGreaterThan(4);
    expect(run.mock.calls.length).toBeLessThan(9);
    isAway = false;
    await after(30_000);
    expect(store.run).not.toBeNull();
    expect(store.error).toBeNull();
    const asked = run.mock.calls.length;
    await after(120_000);
    expect(run).toHaveBeenCalledTimes(asked);
  });

  it('does not ask again what was refused, and nothing after its end', async () => {
    const run = jest.fn(() =>
      Promise.reject(
        new ApiError('refused', 'no', {
          type: 'about:blank',
          title: '',
          status: 404,
          detail: 'no',
          code: 'not_found',
          id: '',
          field: null
        })
      )
    );
    aStore({ run });
    await after(120_000);
    expect(run).toHaveBeenCalledTimes(1);
    const away = jest.fn(() => Promise.reject(new ApiError('unreachable', '')));
    const store = aStore({ run: away });
    await after(10);
    store.dispose();
    await after(120_000);
    expect(away).toHaveBeenCalledTimes(1);
  });

  it('asks and tells nothing after its end', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed();
    const store = aStore({ run }, feed);
    await settled();
    store.dispose();
    feed.tell('run.ended');
    await after(500);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
