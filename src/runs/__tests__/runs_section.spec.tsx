import { CommandRegistry } from '@lumino/commands';
import { act, fireEvent, render, screen, within } from '@testing-library/react';

import {
  aRun,
  refusal,
  until
} from '../../contract/__tests__/in_memory_server';
import { eventually } from '../../components/__tests__/eventually';
import { CommandIDs } from '../../contract/command_ids';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { RunsSection } from '../runs_section';

let setUp: ISetUp;
let commands: CommandRegistry;
let executed: { id: string; args: unknown }[];

beforeEach(async () => {
  setUp = setUpShared();
  commands = new CommandRegistry();
  executed = [];
  for (const id of Object.values(CommandIDs)) {
    commands.addCommand(id, {
      execute: args => {
        executed.push({ id, args });
      }
    });
  }
  // jsdom lays nothing out: the list is told that it has room for ten rows.
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', {
    configurable: true,
    get: () => 460
  });
  await setUp.follow();
});
afterEach(() => setUp.dispose());

async function show(): Promise<HTMLElement> {
  const { shared } = setUp;
  const { container } = render(
    <RunsSection
      store={shared.runs}
      feed={shared.feed}
      experiments={shared.experiments}
      pending={shared.pending}
      commands={commands}
      openMenu={() => undefined}
    />
  );
  await act(() => until(() => shared.runs.isLoaded));
  return container;
}

function fill(count: number): void {
  for (let index = 0; index < count; index++) {
    setUp.server.runs.push(
      aRun({ run_id: `run${index}`, name: `name ${index}` })
    );
  }
}

describe('the Runs section', () => {
  it('draws a screenful of ten thousand runs and counts them all', async () => {
    fill(10_000);
    await show();
    const grid = screen.getByRole('grid', { name: 'Runs' });
    expect(grid.getAttribute('aria-rowcount')).toBe('10000');
    expect(within(grid).getAllByRole('row').length).toBeLessThan(40);
  });

  it('says what a run is when there is none yet, and offers to start one', async () => {
    await show();
    fireEvent.click(screen.getByRole('button', { name: /Run a notebook/ }));
    expect(executed).toEqual([{ id: CommandIDs.runNotebook, args: {} }]);
  });

  it('tells an empty list from a filter that finds nothing', async () => {
    fill(2);
    await show();
    await act(async () => {
      setUp.shared.runs.setFilter({ search: 'nowhere' });
      await until(() => !setUp.shared.runs.isLoading);
    });
    fireEvent.click(screen.getByRole('button', { name: 'Clear the filter' }));
    await act(() => until(() => !setUp.shared.runs.isLoading));
    expect(screen.getByText('name 1')).toBeTruthy();
  });

  it('keeps the focus in the list while a filter is asked for', async () => {
    fill(3);
    await show();
    const grid = screen.getByRole('grid');
    act(() => grid.focus());
    let answer = (): void => undefined;
    setUp.server.delay = () =>
      new Promise(resolve => {
        answer = resolve;
      });
    act(() => setUp.shared.runs.setFilter({ search: 'name 1' }));
    expect(grid.getAttribute('aria-busy')).toBe('true');
    await act(async () => {
      answer();
      await until(() => !setUp.shared.runs.isLoading);
    });
    expect(document.activeElement).toBe(grid);
    expect(within(grid).getAllByRole('row')).toHaveLength(1);
  });

  it('says that the rest could not be read, asks no more, and tries again when told to', async () => {
    fill(300);
    await show();
    const { server, shared } = setUp;
    server.override = ({ query }) =>
      query.has('cursor') ? refusal(500, 'internal') : undefined;
    const grid = screen.getByRole('grid');
    grid.scrollTop = 250 * 46;
    fireEvent.scroll(grid);
    await screen.findByText(/The rest could not be read/);
    await act(() => new Promise(resolve => setTimeout(resolve, 30)));
    expect(
      server.calls.filter(({ query }) => query.has('cursor'))
    ).toHaveLength(1);
    server.override = null;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await act(() => until(() => shared.runs.runs.length === 300));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('selects all runs, also those that are not read yet, and says how far it is', async () => {
    fill(2500);
    await show();
    const { server, shared } = setUp;
    const grid = screen.getByRole('grid');
    let release = (): void => undefined;
    server.delay = () =>
      new Promise(resolve => {
        release = resolve;
      });
    fireEvent.keyDown(grid, { key: 'a', ctrlKey: true });
    expect(screen.getByText('100 of 2500 selected')).toBeTruthy();
    server.delay = () => Promise.resolve();
    release();
    await eventually(() => shared.runs.selection.ids.size === 2500);
    expect(screen.getByText('2500 selected')).toBeTruthy();
    fireEvent.keyDown(grid, { key: 'Escape' });
    expect(screen.queryByRole('toolbar')).toBeNull();
  });

  it('does not select what arrives after the selection was given up', async () => {
    fill(300);
    await show();
    const { shared } = setUp;
    const grid = screen.getByRole('grid');
    fireEvent.keyDown(grid, { key: 'a', ctrlKey: true });
    fireEvent.keyDown(grid, { key: 'Escape' });
    await eventually(() => shared.runs.runs.length === 300);
    expect(shared.runs.selection.ids.size).toBe(0);
  });

  it('tells the notebook of what code logged, and children from the rest', async () => {
    const { server } = setUp;
    server.runs = [
      aRun({
        run_id: 'part',
        name: 'fold',
        source_type: 'client',
        notebook: 'deep/fit.ipynb',
        parent_run_id: 'whole'
      }),
      aRun({ run_id: 'whole', name: 'search', notebook: 'deep/fit.ipynb' })
    ];
    await show();
    const [part, whole] = screen.getAllByRole('row');
    expect(part?.textContent).toMatch(/^↳Child run: fold.*fit\.ipynb · /);
    expect(whole?.textContent).toMatch(/^search/);
    expect(whole?.textContent).not.toContain('fit.ipynb');
  });

  it('names the metric of a row, with a curve and without', async () => {
    const key_metric = {
      key: 'loss',
      value: 0.25,
      step: 1,
      timestamp: 0,
      count: 2,
      minimum: 0.25,
      maximum: 1
    };
    setUp.server.runs.push(
      aRun({ run_id: 'a', key_metric, sparkline: [1, 0.25] }),
      aRun({
        run_id: 'b',
        key_metric: { ...key_metric, key: 'rmse' },
        sparkline: []
      })
    );
    await show();
    expect(screen.getByText('loss')).toBeTruthy();
    expect(screen.getByText('rmse')).toBeTruthy();
  });

  it('opens a run by a click and by Enter', async () => {
    fill(3);
    await show();
    fireEvent.click(screen.getByText('name 1'));
    const grid = screen.getByRole('grid');
    fireEvent.keyDown(grid, { key: 'ArrowDown' });
    fireEvent.keyDown(grid, { key: 'Enter' });
    expect(executed.map(({ args }) => args)).toEqual([
      { run_id: 'run1' },
      { run_id: 'run2' }
    ]);
  });

  it('tells screen readers which row the keyboard is on', async () => {
    fill(3);
    await show();
    const grid = screen.getByRole('grid');
    fireEvent.focus(grid);
    const id = grid.getAttribute('aria-activedescendant') ?? '';
    expect(document.getElementById(id)?.textContent).toContain('name 0');
    expect(document.getElementById(id)?.textContent).toContain('Finished');
  });

  it('offers what fits the selected runs', async () => {
    fill(2);
    setUp.server.runs.unshift(aRun({ run_id: 'on', status: 'RUNNING' }));
    await show();
    fireEvent.click(screen.getByRole('checkbox', { name: 'Select name 0' }));
    const bar = screen.getByRole('toolbar');
    expect(within(bar).queryByRole('button', { name: 'Cancel' })).toBeNull();
    fireEvent.click(screen.getByRole('checkbox', { name: 'Select train' }));
    fireEvent.click(within(bar).getByRole('button', { name: 'Cancel' }));
    expect(executed.at(-1)?.id).toBe(CommandIDs.cancelRuns);
    fireEvent.click(within(bar).getByRole('button', { name: /Clear/ }));
    expect(screen.queryByRole('toolbar')).toBeNull();
  });

  it('offers to empty the trash, and to delete from it for good', async () => {
    setUp.server.runs.push(
      aRun({ run_id: 'old', name: 'old one', deleted_at: 1 })
    );
    await show();
    expect(screen.queryByRole('button', { name: /Empty/ })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Show the trash' }));
    await act(() => until(() => !setUp.shared.runs.isLoading));
    fireEvent.click(screen.getByRole('button', { name: 'Empty the trash…' }));
    fireEvent.click(screen.getByRole('checkbox', { name: 'Select old one' }));
    fireEvent.click(screen.getByRole('button', { name: /permanently/ }));
    fireEvent.keyDown(screen.getByRole('grid'), { key: 'Delete' });
    expect(executed.map(({ id }) => id)).toEqual([
      CommandIDs.emptyTrash,
      CommandIDs.purgeRuns,
      CommandIDs.purgeRuns
    ]);
  });

  it('offers nothing to empty where nothing is', async () => {
    await show();
    fireEvent.click(screen.getByRole('button', { name: 'Show the trash' }));
    await act(() => until(() => !setUp.shared.runs.isLoading));
    expect(screen.getByText('The trash is empty.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Empty/ })).toBeNull();
  });

  it('acts on a row by the button that fits its state', async () => {
    setUp.server.runs.push(
      aRun({ run_id: 'on', name: 'active', status: 'RUNNING' }),
      aRun({ run_id: 'off', name: 'ended' })
    );
    await show();
    fireEvent.click(screen.getByRole('button', { name: 'Cancel active' }));
    fireEvent.click(screen.getByRole('button', { name: 'Run ended again' }));
    expect(executed).toEqual([
      { id: CommandIDs.cancelRuns, args: { run_id: 'on' } },
      { id: CommandIDs.rerun, args: { run_id: 'off' } }
    ]);
  });

  it('neither ends nor repeats what runs in code', async () => {
    setUp.server.runs.push(
      aRun({
        run_id: 'x',
        name: 'kept',
        status: 'RUNNING',
        source_type: 'client'
      }),
      aRun({ run_id: 'y', name: 'by hand', source_type: 'interactive' })
    );
    await show();
    for (const name of ['Cancel kept', 'Run by hand again']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    expect(
      screen.getByRole('button', { name: 'More actions for kept' })
    ).toBeTruthy();
  });

  it('takes no second click while the first is under way', async () => {
    setUp.server.runs.push(
      aRun({ run_id: 'on', name: 'active', status: 'RUNNING' }),
      aRun({ run_id: 'off', name: 'ended' })
    );
    await show();
    const { pending } = setUp.shared;
    act(() => {
      pending.begin('rerun', ['off']);
      pending.begin('cancel', ['on']);
    });
    const again = screen.getByRole<HTMLButtonElement>('button', {
      name: 'Run ended again'
    });
    expect(again.disabled).toBe(true);
    expect(screen.getByText(/Cancelling…/)).toBeTruthy();
    act(() => pending.end('rerun', 'off'));
    expect(again.disabled).toBe(false);
    fireEvent.click(again, { detail: 1 });
    fireEvent.click(again, { detail: 2 });
    expect(executed).toHaveLength(1);
  });

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror="window.hit=1">';
    setUp.server.runs.push(
      aRun({
        run_id: 'a',
        name: hostile,
        experiment: hostile,
        message: hostile,
        notebook: hostile,
        key_metric: {
          key: hostile,
          value: 1,
          step: 0,
          timestamp: 0,
          count: 1,
          minimum: 1,
          maximum: 1
        }
      })
    );
    const container = await show();
    expect(screen.getAllByText(hostile).length).toBeGreaterThan(0);
    expect(container.querySelector('img')).toBeNull();
  });

  it('says that the server part is missing instead of showing nothing', async () => {
    setUp.dispose();
    setUp = setUpShared();
    setUp.server.override = () => ({ status: 404, body: '<html>' });
    await setUp.follow();
    const { shared } = setUp;
    render(
      <RunsSection
        store={shared.runs}
        feed={shared.feed}
        experiments={shared.experiments}
        pending={shared.pending}
        commands={commands}
        openMenu={() => undefined}
      />
    );
    expect(screen.getByText('The server part is missing')).toBeTruthy();
  });
});
