import { StateDB } from '@jupyterlab/statedb';
import { CommandRegistry } from '@lumino/commands';
import { act, fireEvent, render, screen, within } from '@testing-library/react';

import { eventually } from '../../components/__tests__/eventually';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { FirstSteps } from '../first_steps';
import { FirstStepsStore, type Step, STEPS } from '../first_steps_store';

let setUp: ISetUp;
beforeEach(async () => {
  setUp = setUpShared();
  await setUp.follow();
});
afterEach(() => setUp.dispose());

async function show(done: readonly Step[]): Promise<{
  shown: Step[];
  hide: jest.Mock;
}> {
  const database = new StateDB();
  await database.save('jupyter-mlops:first-steps', [...done]);
  const store = new FirstStepsStore({
    shared: setUp.shared,
    commands: new CommandRegistry(),
    database
  });
  const shown: Step[] = [];
  const hide = jest.fn();
  render(
    <FirstSteps
      store={store}
      show={step => {
        shown.push(step);
      }}
      hide={hide}
    />
  );
  await eventually(() => store.isReady);
  return { shown, hide };
}

function current(): HTMLElement {
  const [item] = screen
    .getAllByRole('listitem')
    .filter(entry => entry.getAttribute('aria-current') === 'step');
  if (!item) {
    throw new Error('no step is open');
  }
  return item;
}

describe('the list of first steps', () => {
  it.each(STEPS)('shows where “%s” is done', async step => {
    const { shown } = await show(STEPS.slice(0, STEPS.indexOf(step)));
    fireEvent.click(
      within(current()).getByRole('button', { name: /^Show me/ })
    );
    expect(shown).toEqual([step]);
  });

  it('opens another step that is still to do, and closes the first', async () => {
    const { shown } = await show(['run']);
    fireEvent.click(
      screen.getByRole('button', { name: 'Track code of your own' })
    );
    expect(screen.getAllByRole('button', { name: /^Show me/ })).toHaveLength(1);
    fireEvent.click(screen.getByRole('button', { name: /^Show me/ }));
    expect(shown).toEqual(['own']);
  });

  it('counts what is done, folds, and is put away', async () => {
    const { hide } = await show(['run', 'look']);
    expect(screen.getByRole('status').textContent).toBe('2 of 5');
    act(() => screen.getByRole('button', { name: 'First steps' }).click());
    expect(screen.queryAllByRole('listitem')).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Hide' }));
    expect(hide).toHaveBeenCalledTimes(1);
  });
});
