import { CommandRegistry } from '@lumino/commands';
import {
  act,
  fireEvent,
  render,
  screen,
  waitFor
} from '@testing-library/react';

import { CommandIDs } from '../../contract/command_ids';
import type { IMlopsApi } from '../../contract/client';
import type { Run } from '../../contract/types';
import { Header } from '../header';
import { RunPageStore } from '../run_page_store';
import { anApi, aRun, MadeFeed, RUN_ID } from './parts';

const executed: [string, unknown][] = [];
let commands: CommandRegistry;

function show(
  run: Run,
  answers: Partial<IMlopsApi> = {},
  showFailingCell: (() => void) | null = null,
  isEnabled = () => true
): RunPageStore {
  commands = new CommandRegistry();
  for (const id of Object.values(CommandIDs)) {
    commands.addCommand(id, {
      execute: args => void executed.push([id, args.run_id]),
      isEnabled
    });
  }
  const store = new RunPageStore(anApi(answers), new MadeFeed(false), RUN_ID);
  render(
    <Header
      store={store}
      run={run}
      commands={commands}
      section="log"
      showFailingCell={showFailingCell}
    />
  );
  return store;
}

const running = (change: Partial<Run> = {}): Run =>
  aRun({
    status: 'RUNNING',
    ended_at: null,
    duration_ms: null,
    progress: {
      cells_done: 2,
      cells_total: 8,
      current_cell: 2,
      failing_cell: null
    },
    ...change
  });

beforeEach(() => {
  executed.length = 0;
});

describe('the head of a run page', () => {
  it('says how far a run is', () => {
    show(running());
    expect(screen.getByRole('status').textContent).toContain('Running');
    expect(screen.getByText('Cell 3 of 8')).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe(
      '25'
    );
  });

  it('does not read every cell aloud', () => {
    show(running());
    expect(screen.getByRole('status').textContent).not.toContain('Cell');
  });

  it('says which place a queued run has', () => {
    show(aRun({ status: 'SCHEDULED', queue_position: 3 }));
    expect(screen.getByRole('status').textContent).toBe('Queued, number 3');
  });

  it.each([
    ['Cancel', CommandIDs.cancelRuns, running()],
    ['Run again', CommandIDs.rerun, aRun()],
    ['Change parameters…', CommandIDs.cloneRun, aRun()],
    ['Copy link', CommandIDs.copyRunLink, aRun()],
    ['Delete', CommandIDs.trashRuns, aRun()],
    ['Restore', CommandIDs.restoreRuns, aRun({ deleted_at: 9 })],
    ['Delete permanently…', CommandIDs.purgeRuns, aRun({ deleted_at: 9 })]
  ])('offers to %s', (name, command, run) => {
    show(run);
    fireEvent.click(screen.getByRole('button', { name }));
    expect(executed).toEqual([[command, RUN_ID]]);
  });

  it('takes no second click while the first is under way', () => {
    let isFree = true;
    show(aRun(), {}, null, () => isFree);
    const again = screen.getByRole<HTMLButtonElement>('button', {
      name: 'Run again'
    });
    expect(again.disabled).toBe(false);
    isFree = false;
    act(() => commands.notifyCommandChanged(CommandIDs.rerun));
    expect(again.disabled).toBe(true);
  });

  it('gives a link to the tab that is shown', () => {
    show(aRun());
    const execute = jest.spyOn(commands, 'execute');
    fireEvent.click(screen.getByRole('button', { name: 'Copy link' }));
    expect(execute).toHaveBeenCalledWith(CommandIDs.copyRunLink, {
      run_id: RUN_ID,
      section: 'log'
    });
  });

  it('offers only what can be done', () => {
    show(running({ cancel_requested: true }));
    expect(
      screen.getByRole<HTMLButtonElement>('button', { name: 'Cancel' }).disabled
    ).toBe(true);
    expect(screen.getByRole('status').textContent).toBe('Cancelling…');
    expect(screen.queryByText(/Cell/)).toBeNull();
    expect(screen.queryByRole('button', { name: 'Delete' })).toBeNull();
  });

  it('offers no repetition of what no notebook started', () => {
    show(aRun({ source_type: 'interactive' }));
    expect(screen.queryByRole('button', { name: 'Run again' })).toBeNull();
    expect(screen.queryByRole('button', { name: /parameters/ })).toBeNull();
  });

  it('leads to the cell that failed', () => {
    const showFailingCell = jest.fn();
    show(
      aRun({ status: 'FAILED', reason: 'cell_error', message: 'KeyError: 1' }),
      {},
      showFailingCell
    );
    expect(screen.getByText('KeyError: 1')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show the cell' }));
    expect(showFailingCell).toHaveBeenCalled();
  });

  it('renames the run', async () => {
    const changeRun = jest.fn(async () => aRun({ name: 'better' }));
    const store = show(aRun(), { changeRun });
    fireEvent.click(screen.getByRole('button', { name: 'brave run' }));
    const input = screen.getByLabelText('Name of the run');
    fireEvent.change(input, { target: { value: '  better ' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(store.run?.name).toBe('better'));
    expect(changeRun).toHaveBeenCalledWith(RUN_ID, { name: 'better' });
  });

  it('takes no more letters while it is renamed, and keeps the focus', async () => {
    let refuse = (_: Error): void => undefined;
    show(aRun(), {
      changeRun: () => new Promise<Run>((_, reject) => (refuse = reject))
    });
    fireEvent.click(screen.getByRole('button', { name: 'brave run' }));
    const input = screen.getByLabelText<HTMLInputElement>('Name of the run');
    fireEvent.change(input, { target: { value: 'better' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(input.readOnly).toBe(true));
    expect(document.activeElement).toBe(input);
    await act(async () => refuse(new Error('No.')));
    expect(input.readOnly).toBe(false);
  });

  it('asks once when Enter takes the focus away too', async () => {
    const changeRun = jest.fn(async () => aRun({ name: 'better' }));
    show(aRun(), { changeRun });
    fireEvent.click(screen.getByRole('button', { name: 'brave run' }));
    const input = screen.getByLabelText('Name of the run');
    fireEvent.change(input, { target: { value: 'better' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    fireEvent.blur(input);
    await waitFor(() =>
      expect(screen.queryByLabelText('Name of the run')).toBeNull()
    );
    expect(changeRun).toHaveBeenCalledTimes(1);
  });

  it('keeps the name on Escape, and when nothing was changed', () => {
    show(aRun());
    fireEvent.click(screen.getByRole('button', { name: 'brave run' }));
    const input = screen.getByLabelText('Name of the run');
    fireEvent.keyDown(input, { key: 'Enter' });
    fireEvent.click(screen.getByRole('button', { name: 'brave run' }));
    const again = screen.getByLabelText('Name of the run');
    fireEvent.change(again, { target: { value: 'other' } });
    fireEvent.keyDown(again, { key: 'Escape' });
    expect(screen.getByRole('button', { name: 'brave run' })).toBe(
      document.activeElement
    );
  });

  it('says why a name was refused, and keeps what was written', async () => {
    show(aRun(), {
      changeRun: () => Promise.reject(new Error('That name is too long.'))
    });
    fireEvent.click(screen.getByRole('button', { name: 'brave run' }));
    const input = screen.getByLabelText<HTMLInputElement>('Name of the run');
    fireEvent.change(input, { target: { value: 'long' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    expect((await screen.findByRole('alert')).textContent).toBe(
      'That name is too long.'
    );
    expect(input.value).toBe('long');
  });
});
