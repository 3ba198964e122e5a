import { ApiError } from '../../contract/errors';
import type { Run } from '../../contract/types';
import { type IRunNews, RunPageStore } from '../run_page_store';
import { anApi, aRun, MadeFeed, RUN_ID, settled } from './parts';

describe('the store of a run page', () => {
  it('reads the run at once', async () => {
    const store = new RunPageStore(
      anApi({ run: async () => aRun({ name: 'first' }) }),
      new MadeFeed(),
      RUN_ID
    );
    await settled();
    expect(store.run?.name).toBe('first');
    expect(store.isLive).toBe(false);
  });

  it('asks nothing while there is no server, and everything once it answers', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed(false);
    const store = new RunPageStore(anApi({ run }), feed, RUN_ID);
    expect(run).not.toHaveBeenCalled();
    feed.reset();
    await settled();
    expect(run).toHaveBeenCalledTimes(1);
    expect(store.run).not.toBeNull();
  });

  it('reads again when something happened to its run, and tells the tabs what', async () => {
    const answers = [aRun({ status: 'RUNNING' }), aRun({ name: 'later' })];
    const feed = new MadeFeed();
    const store = new RunPageStore(
      anApi({ run: async () => answers.shift() as Run }),
      feed,
      RUN_ID
    );
    await settled();
    expect(store.isLive).toBe(true);
    const news: IRunNews[] = [];
    store.news.connect((_, item) => {
      news.push(item);
      // The run is read before its tabs are told.
      expect(store.run?.name).toBe('later');
    });
    feed.tell('run.logged');
    await settled();
    expect(news.map(item => [...item.types])).toEqual([['run.logged']]);
  });

  it('leaves other runs alone', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed();
    new RunPageStore(anApi({ run }), feed, RUN_ID);
    await settled();
    feed.tell('run.logged', 'b'.repeat(32));
    await settled();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('shows only the answer to the last question', async () => {
    const answer: ((run: Run) => void)[] = [];
    const store = new RunPageStore(
      anApi({ run: () => new Promise(resolve => answer.push(resolve)) }),
      new MadeFeed(),
      RUN_ID
    );
    void store.reload();
    answer[1]?.(aRun({ name: 'new' }));
    await settled();
    answer[0]?.(aRun({ name: 'old' }));
    await settled();
    expect(store.run?.name).toBe('new');
  });

  it('shows what was changed here, whatever was asked before', async () => {
    const answer: ((run: Run) => void)[] = [];
    const store = new RunPageStore(
      anApi({ run: () => new Promise(resolve => answer.push(resolve)) }),
      new MadeFeed(),
      RUN_ID
    );
    store.put(aRun({ name: 'renamed' }));
    answer[0]?.(aRun({ name: 'old' }));
    await settled();
    expect(store.run?.name).toBe('renamed');
  });

  it('keeps what it showed when a reading fails, and says why', async () => {
    const failure = new ApiError('unreachable', 'away');
    const answers = [Promise.resolve(aRun()), Promise.reject(failure)];
    const store = new RunPageStore(
      anApi({ run: () => answers.shift() as Promise<Run> }),
      new MadeFeed(),
      RUN_ID
    );
    await settled();
    await store.reload();
    expect(store.run).not.toBeNull();
    expect(store.error).toBe(failure);
  });

  it('asks and tells nothing after its end', async () => {
    const run = jest.fn(async () => aRun());
    const feed = new MadeFeed();
    const store = new RunPageStore(anApi({ run }), feed, RUN_ID);
    await settled();
    store.dispose();
    feed.tell('run.ended');
    await settled();
    expect(run).toHaveBeenCalledTimes(1);
  });
});
