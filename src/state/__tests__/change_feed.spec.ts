import type { Event as JupyterEvent } from '@jupyterlab/services';
import { Stream } from '@lumino/signaling';

import {
  InMemoryServer,
  until
} from '../../contract/__tests__/in_memory_server';
import { bySubject, CHANGED_SCHEMA, ChangeFeed } from '../change_feed';
import type { IChanges } from '../tokens';

/** Long enough that no test sees a poll it did not ask for. */
const NEVER = 60_000;

function setUp(interval = NEVER): {
  server: InMemoryServer;
  feed: ChangeFeed;
  seen: IChanges[];
  hint: (seq?: number, schema?: string) => void;
} {
  const server = new InMemoryServer();
  const stream = new Stream<JupyterEvent.IManager, JupyterEvent.Emission>(
    {} as JupyterEvent.IManager
  );
  const feed = new ChangeFeed({ api: server.api, stream, interval });
  const seen: IChanges[] = [];
  feed.changed.connect((_, changes) => {
    seen.push(changes);
  });
  feeds.push(feed);
  return {
    server,
    feed,
    seen,
    hint: (seq = server.status.seq, schema = CHANGED_SCHEMA) =>
      stream.emit({ schema_id: schema, seq })
  };
}

const feeds: ChangeFeed[] = [];
afterEach(() => {
  for (const feed of feeds.splice(0)) {
    feed.dispose();
  }
});

describe('the change feed', () => {
  it('asks nothing before it is started', async () => {
    const { server, hint } = setUp();
    hint(5);
    await Promise.resolve();
    expect(server.calls).toEqual([]);
  });

  it('begins with the state of the server, as if everything were new', async () => {
    const { feed, seen } = setUp();
    feed.start();
    await until(() => seen.length > 0);
    expect(seen).toEqual([{ events: [], reset: true }]);
    expect(feed.connection.state).toBe('ready');
  });

  it('reads what happened as soon as a hint comes', async () => {
    const { server, feed, seen, hint } = setUp();
    feed.start();
    await until(() => seen.length === 1);
    server.emit('run.created', 'a');
    server.emit('run.started', 'a');
    hint();
    await until(() => seen.length === 2);
    expect(seen[1]?.events.map(({ type }) => type)).toEqual([
      'run.created',
      'run.started'
    ]);
  });

  it('does not look again for a hint at what it knows, or at something else', async () => {
    const { server, feed, seen, hint } = setUp();
    feed.start();
    await until(() => seen.length === 1);
    const before = server.calls.length;
    hint(0);
    hint(9, 'https://events.jupyter.org/other/v1');
    await feed.refresh();
    expect(server.calls.length).toBe(before + 1);
  });

  it('asks nothing while the tab is hidden, and catches up when it is seen again', async () => {
    const { server, feed, seen, hint } = setUp();
    feed.start();
    await until(() => seen.length === 1);
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const before = server.calls.length;
    server.emit('run.created', 'a');
    hint();
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(server.calls.length).toBe(before);
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    await until(() => seen.length === 2);
    expect(seen[1]?.events).toHaveLength(1);
  });

  it('knows the time of a server whose clock is another', async () => {
    const { server, feed } = setUp();
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    server.override = () => ({
      status: 200,
      body: server.status,
      headers: { Date: date }
    });
    await feed.refresh();
    const ahead = feed.connection.clock.now() - Date.now();
    expect(Math.abs(ahead - 3_600_000)).toBeLessThan(2000);
  });

  it('finds out by itself while no hints come', async () => {
    const { server, feed, seen } = setUp(5);
    feed.start();
    await until(() => seen.length === 1);
    server.emit('run.created', 'a');
    await until(() => seen.length === 2);
    expect(seen[1]?.events).toHaveLength(1);
  });

  it('tells of each fact once, however many look at the same time', async () => {
    const { server, feed, seen, hint } = setUp();
    feed.start();
    await until(() => seen.length === 1);
    server.emit('run.created', 'a');
    hint();
    hint();
    await Promise.all([feed.refresh(), feed.refresh()]);
    expect(seen.flatMap(({ events }) => events)).toHaveLength(1);
  });

  it('says that the server is away, and takes everything as new when it is back', async () => {
    const { server, feed, seen } = setUp();
    feed.start();
    await until(() => seen.length === 1);
    server.isReachable = false;
    await feed.refresh();
    expect(feed.connection.state).toBe('offline');
    expect(feed.connection.status).not.toBeNull();
    server.isReachable = true;
    await feed.refresh();
    expect(feed.connection.state).toBe('ready');
    expect(seen.at(-1)).toEqual({ events: [], reset: true });
  });

  it('says that the server part is missing', async () => {
    const { server, feed } = setUp();
    server.override = () => ({ status: 404, body: '<html>' });
    feed.start();
    await until(() => feed.connection.state !== 'connecting');
    expect(feed.connection.state).toBe('missing');
  });

  it('waits for a store that is being opened', async () => {
    const { server, feed, seen } = setUp();
    server.status = { ...server.status, state: 'starting' };
    feed.start();
    await until(() => feed.connection.state === 'starting');
    expect(seen).toEqual([]);
    server.status = { ...server.status, state: 'ready' };
    await until(() => seen.length === 1);
    expect(feed.connection.state).toBe('ready');
  });

  it('starts over when its cursor is too old', async () => {
    const { server, feed, seen } = setUp();
    feed.start();
    await until(() => seen.length === 1);
    server.override = call =>
      call.path === 'events'
        ? { status: 200, body: { events: [], seq: 900, reset: true } }
        : undefined;
    await feed.refresh();
    expect(seen.at(-1)?.reset).toBe(true);
  });

  it('collects what happened by run', () => {
    const event = { actor: 'ann', created_at: 0 };
    const found = bySubject([
      { ...event, seq: 1, type: 'run.created', subject: 'a' },
      { ...event, seq: 2, type: 'run.started', subject: 'a' },
      { ...event, seq: 3, type: 'run.ended', subject: 'b' }
    ]);
    expect([...(found.get('a') ?? [])]).toEqual(['run.created', 'run.started']);
    expect([...(found.get('b') ?? [])]).toEqual(['run.ended']);
  });
});
