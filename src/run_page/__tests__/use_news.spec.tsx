import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act, render, screen } from '@testing-library/react';

import { LazyView } from '../../components/lazy_view';
import { ApiError } from '../../contract/errors';
import type { EventType } from '../../contract/types';
import type { RunPageStore } from '../run_page_store';
import { useReading } from '../use_news';
import { aRun, aStore, MadeFeed } from './parts';

const LOGGED: readonly EventType[] = ['run.logged'];

let feed: MadeFeed;
let store: RunPageStore;

function Shown({ read }: { read: () => Promise<string> }): JSX.Element {
  const { value, error } = useReading(store, LOGGED, read);
  return <p>{error ? `failed: ${String(error)}` : (value ?? 'nothing yet')}</p>;
}

async function after(milliseconds: number): Promise<void> {
  await act(() => jest.advanceTimersByTimeAsync(milliseconds));
}

beforeEach(() => {
  jest.useFakeTimers();
  feed = new MadeFeed();
  store = aStore({ run: async () => aRun() }, feed);
});

afterEach(() => {
  store.dispose();
  jest.useRealTimers();
});

describe('a tab that reads what it shows', () => {
  it('reads at first, and again after news of its kind only', async () => {
    let count = 0;
    const read = async (): Promise<string> => `reading ${++count}`;
    render(<Shown read={read} />);
    await after(0);
    expect(screen.getByText('reading 1')).toBeTruthy();
    feed.tell('run.progressed');
    await after(5000);
    expect(screen.getByText('reading 1')).toBeTruthy();
    feed.tell('run.logged');
    await after(5000);
    expect(screen.getByText('reading 2')).toBeTruthy();
    feed.reset();
    await after(5000);
    expect(screen.getByText('reading 3')).toBeTruthy();
  });

  it('reads now and then however fast the news comes', async () => {
    const read = jest.fn(async () => 'value');
    render(<Shown read={read} />);
    await after(1000);
    for (let turn = 0; turn < 50; turn++) {
      feed.tell('run.logged');
      await after(20);
    }
    await after(5000);
    expect(read.mock.calls.length).toBeGreaterThan(1);
    expect(read.mock.calls.length).toBeLessThan(6);
  });

  it('shows a slow answer when it comes, one reading at a time, while news comes fast', async () => {
    let asked = 0;
    let open = 0;
    const read = async (): Promise<string> => {
      asked += 1;
      expect(++open).toBe(1);
      const mine = asked;
      await new Promise(resolve => setTimeout(resolve, 1000));
      open -= 1;
      return `reading ${mine}`;
    };
    render(<Shown read={read} />);
    const shown = new Set<string | null>();
    for (let turn = 0; turn < 80; turn++) {
      feed.tell('run.logged');
      await after(100);
      shown.add(document.querySelector('p')?.textContent ?? null);
    }
    expect(shown).toContain('reading 1');
    expect(shown).toContain('reading 2');
    expect(shown).toContain('reading 4');
    await after(5000);
    // What came last is read too, and nothing after that.
    const last = asked;
    expect(screen.getByText(`reading ${last}`)).toBeTruthy();
    await after(5000);
    expect(asked).toBe(last);
  });

  it('says what went wrong, and forgets it when reading succeeds', async () => {
    const answers = [
      Promise.reject(new Error('away')),
      Promise.resolve('back')
    ];
    const read = (): Promise<string> => answers.shift() as Promise<string>;
    render(<Shown read={read} />);
    await after(0);
    expect(screen.getByText('failed: Error: away')).toBeTruthy();
    feed.tell('run.logged');
    await after(5000);
    expect(screen.getByText('back')).toBeTruthy();
  });

  it('comes back by itself when the server does', async () => {
    const answers = [
      Promise.reject(new ApiError('unreachable', 'away')),
      Promise.resolve('back')
    ];
    const read = (): Promise<string> => answers.shift() as Promise<string>;
    render(<Shown read={read} />);
    await after(0);
    expect(screen.getByText(/failed/)).toBeTruthy();
    await after(2000);
    expect(screen.getByText('back')).toBeTruthy();
    expect(answers).toEqual([]);
  });

  it('reads nothing while its page is hidden, and what it missed when shown', async () => {
    const read = jest.fn(async () => 'value');
    const view = new LazyView({
      trans: nullTranslator.load('jupyter_mlops'),
      load: async () => () => <Shown read={read} />
    });
    await act(async () => Widget.attach(view, document.body));
    await after(100);
    expect(read).toHaveBeenCalledTimes(1);
    await act(async () => view.hide());
    await after(100);
    feed.tell('run.logged');
    await after(5000);
    expect(read).toHaveBeenCalledTimes(1);
    await act(async () => view.show());
    await after(5000);
    expect(read).toHaveBeenCalledTimes(2);
    await act(async () => view.dispose());
  });
});
