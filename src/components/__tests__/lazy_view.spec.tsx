import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import type { ComponentType } from 'react';

import { ClockContext } from '../use_now';
import { Elapsed } from '../elapsed';
import { LazyView } from '../lazy_view';
import { eventually } from './eventually';

const trans = nullTranslator.load('jupyter_mlops');

async function show(load: () => Promise<ComponentType>): Promise<LazyView> {
  const view = new LazyView({ load, trans });
  await act(async () => {
    Widget.attach(view, document.body);
    await view.renderPromise;
  });
  return view;
}

describe('a view that is loaded when it is shown', () => {
  let logged: jest.SpyInstance;
  beforeEach(() => {
    // React reports on the console what a boundary catches.
    logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(() => {
    logged.mockRestore();
    document.body.replaceChildren();
  });

  it('says that it did not arrive, and is loaded anew when told to', async () => {
    let attempts = 0;
    await show(() => {
      attempts += 1;
      return attempts < 3
        ? Promise.reject(new Error('Loading chunk 7 failed.'))
        : Promise.resolve(() => <p>arrived</p>);
    });
    for (const attempt of [1, 2]) {
      await waitFor(() => {
        expect(attempts).toBe(attempt);
        screen.getByText('Loading chunk 7 failed.');
      });
      fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
      await waitFor(() => expect(attempts).toBe(attempt + 1));
    }
    expect(await screen.findByText('arrived')).toBeTruthy();
    expect(attempts).toBe(3);
  });

  it('says why it cannot be drawn instead of staying blank', async () => {
    let isBroken = true;
    await show(() =>
      Promise.resolve(() => {
        if (isBroken) {
          throw new Error('A value was not there.');
        }
        return <p>drawn</p>;
      })
    );
    await screen.findByText('A value was not there.');
    isBroken = false;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('drawn')).toBeTruthy();
  });
});

describe('the time in a view', () => {
  beforeEach(() => {
    // Lumino and React go on by themselves; time does not.
    jest.useFakeTimers({
      doNotFake: [
        'queueMicrotask',
        'requestAnimationFrame',
        'cancelAnimationFrame',
        'setImmediate',
        'setTimeout',
        'clearTimeout'
      ]
    });
  });
  afterEach(() => {
    jest.useRealTimers();
    document.body.replaceChildren();
  });

  it('is that of the server, whose clock may be another', async () => {
    const hour = 3_600_000;
    await show(() =>
      Promise.resolve(() => (
        <ClockContext.Provider value={{ now: () => Date.now() - hour }}>
          <Elapsed startedAt={Date.now() - hour - 5000} durationMs={null} />
        </ClockContext.Provider>
      ))
    );
    expect(await screen.findByText(/^5\.\d s$/)).toBeTruthy();
  });

  it('stands still while nobody looks, and is right at the next look', async () => {
    const started = Date.now();
    const view = await show(() =>
      Promise.resolve(() => <Elapsed startedAt={started} durationMs={null} />)
    );
    const ticking = (): number => jest.getTimerCount();
    await eventually(() => ticking() === 1);
    act(() => jest.advanceTimersByTime(12_000));
    expect(view.node.textContent).toBe('12 s');
    act(() => view.hide());
    await eventually(() => ticking() === 0);
    act(() => jest.advanceTimersByTime(20_000));
    act(() => view.show());
    await eventually(() => view.node.textContent === '32 s');
  });
});
