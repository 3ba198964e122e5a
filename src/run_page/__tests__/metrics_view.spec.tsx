import {
  act,
  fireEvent,
  render,
  screen,
  waitFor
} from '@testing-library/react';

import type { IMlopsApi } from '../../contract/client';
import type { History, Run } from '../../contract/types';
import { MetricsView } from '../metrics_view';
import { RunPageStore } from '../run_page_store';
import { anApi, aRun, MadeFeed, RUN_ID } from './parts';

// jsdom has no canvas; the curve itself is looked at in a browser.
jest.mock('../curve', () => ({
  Curve: ({ history }: { history: History }) => (
    <p>
      {history.key} has {history.count}
    </p>
  )
}));

const metric = (
  key: string,
  count: number,
  change: Partial<Run['metrics'][0]> = {}
): Run['metrics'][0] => ({
  key,
  value: count,
  step: count,
  timestamp: 1,
  count,
  minimum: 0,
  maximum: count,
  ...change
});

const history = (key: string, count: number): History => ({
  key,
  count,
  thinned: false,
  steps: [0, 1],
  timestamps: [0, 1],
  values: [0, 1],
  minimum: [0, 1],
  maximum: [0, 1]
});

function show(
  run: Run,
  answers: Partial<IMlopsApi> = {}
): { store: RunPageStore; again: (run: Run) => void; unmount: () => void } {
  const store = new RunPageStore(anApi(answers), new MadeFeed(false), RUN_ID);
  const view = (shown: Run): JSX.Element => (
    <MetricsView store={store} run={shown} theme={0} />
  );
  const { rerender, unmount } = render(view(run));
  return { store, again: next => rerender(view(next)), unmount };
}

describe('the metrics of a run', () => {
  it('are read again only where there are more points', async () => {
    jest.useFakeTimers();
    const counts: Record<string, number> = { loss: 2, accuracy: 2 };
    const metricHistory = jest.fn(async (_: string, key: string) =>
      history(key, counts[key] ?? 0)
    );
    const run = (): Run =>
      aRun({
        metrics: Object.entries(counts).map(([key, count]) =>
          metric(key, count)
        )
      });
    const { again } = show(run(), { metricHistory });
    await act(() => jest.advanceTimersByTimeAsync(1000));
    expect(metricHistory).toHaveBeenCalledTimes(2);
    counts.loss = 3;
    again(run());
    await act(() => jest.advanceTimersByTimeAsync(1000));
    expect(screen.getByText('loss has 3')).toBeTruthy();
    expect(metricHistory.mock.calls.map(([, key]) => key)).toEqual([
      'loss',
      'accuracy',
      'loss'
    ]);
    jest.useRealTimers();
  });

  it('are written with one number of digits, so that the best value looks like it', () => {
    const best = { value: 0.9622641509, maximum: 0.9622641509, minimum: 0.5 };
    show(aRun({ metrics: [metric('accuracy', 1, best)] }));
    expect(
      screen
        .getAllByRole('cell')
        .slice(0, 3)
        .map(cell => cell.textContent)
    ).toEqual(['0.962264', '0.5', '0.962264']);
  });

  it('say which one the list shows, and let another take its place', async () => {
    const metrics = [metric('loss', 1), metric('accuracy', 1)];
    const setTag = jest.fn(async () =>
      aRun({ metrics, key_metric: metric('accuracy', 1) })
    );
    const { store, again } = show(
      aRun({ metrics, key_metric: metric('loss', 1) }),
      { setTag }
    );
    expect(screen.getByRole('row', { name: /loss.*Shown/ })).toBeTruthy();
    fireEvent.click(
      screen.getByRole('button', { name: 'Show accuracy in the list' })
    );
    await waitFor(() => expect(store.run).not.toBeNull());
    again(store.run as Run);
    expect(setTag).toHaveBeenCalledWith(RUN_ID, 'mlops.key_metric', 'accuracy');
    expect(screen.getByRole('row', { name: /accuracy.*Shown/ })).toBeTruthy();
  });

  it('say how many of them are thinned in the file that is saved', async () => {
    URL.createObjectURL = () => 'blob:x';
    jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(() => undefined);
    show(aRun({ metrics: [metric('loss', 1), metric('accuracy', 1)] }), {
      metricHistory: async (_, key) => ({
        ...history(key, 9000),
        thinned: key === 'loss'
      })
    });
    fireEvent.click(screen.getByRole('button', { name: /CSV/ }));
    await waitFor(() =>
      expect(screen.getByRole('status').textContent).toBe(
        '1 metric has more than 5000 points and is thinned in the file.'
      )
    );
  });

  it('keep their filter and scale while another tab is shown', () => {
    const metrics = Array.from({ length: 13 }, (_, index) =>
      metric(`m${index}`, 2)
    );
    const { store, unmount } = show(aRun({ metrics }), {
      metricHistory: () => new Promise(() => undefined)
    });
    fireEvent.change(screen.getByRole('searchbox'), {
      target: { value: 'm12' }
    });
    fireEvent.click(screen.getByLabelText('Logarithmic scale'));
    unmount();
    render(<MetricsView store={store} run={aRun({ metrics })} theme={0} />);
    expect(screen.getAllByRole('row')).toHaveLength(2);
    expect(
      screen.getByRole<HTMLInputElement>('checkbox', {
        name: 'Logarithmic scale'
      }).checked
    ).toBe(true);
  });
});
