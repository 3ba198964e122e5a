import {
  act,
  cleanup,
  fireEvent,
  render,
  screen,
  waitFor
} from '@testing-library/react';

import { ApiError } from '../../contract/errors';
import type { Run, RunChange } from '../../contract/types';
import { Note } from '../note';
import { aRun, RUN_ID } from './parts';
import { rendermime, show } from './shown_overview';

describe('the note of a run', () => {
  const write = (text: string): void => {
    fireEvent.click(screen.getByRole('button', { name: /note/ }));
    fireEvent.change(screen.getByLabelText('Note, in Markdown'), {
      target: { value: text }
    });
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  };

  it('is saved over the version that was read', async () => {
    const changeRun = jest.fn(async () => aRun({ note: 'good' }));
    const store = show(aRun(), {
      run: async () => aRun({ version: 12 }),
      changeRun
    });
    write('good');
    await waitFor(() => expect(store.run?.note).toBe('good'));
    expect(changeRun).toHaveBeenCalledWith(RUN_ID, { note: 'good' }, 12);
    expect(screen.getByRole('button', { name: 'Edit note' })).toBeTruthy();
  });

  it('does not overwrite what somebody else wrote meanwhile', async () => {
    show(aRun({ note: 'mine' }), { run: async () => aRun({ note: 'theirs' }) });
    write('changed');
    expect((await screen.findByRole('alert')).textContent).toContain(
      'Theirs is kept'
    );
    expect(screen.getByDisplayValue('changed')).toBeTruthy();
  });

  it('stays in the editor when the run changed between reading and writing', async () => {
    show(aRun(), {
      run: async () => aRun(),
      changeRun: () =>
        Promise.reject(
          new ApiError('refused', 'stale', {
            type: 'about:blank',
            title: 'Precondition Failed',
            status: 412,
            detail: 'stale',
            code: 'version_mismatch',
            id: '1',
            field: null
          })
        )
    });
    write('kept');
    expect((await screen.findByRole('alert')).textContent).toContain(
      'Save again'
    );
    expect(screen.getByDisplayValue('kept')).toBeTruthy();
  });

  it('waits for the server before it is saved again', async () => {
    const changeRun = jest.fn(() => new Promise<Run>(() => undefined));
    show(aRun(), { run: async () => aRun(), changeRun });
    write('good');
    const button = await screen.findByRole<HTMLButtonElement>('button', {
      name: 'Saving…'
    });
    expect(button.disabled).toBe(true);
  });

  it('is still being written when the reader comes back from another tab', () => {
    const store = show(aRun({ note: 'old' }));
    fireEvent.click(screen.getByRole('button', { name: 'Edit note' }));
    const field = screen.getByLabelText('Note, in Markdown');
    expect(document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: 'half a sen' } });
    cleanup();
    render(<Note store={store} run={aRun()} rendermime={rendermime} />);
    const again = screen.getByDisplayValue('half a sen');
    // The reader came with the keys of the list of tabs, and stays there.
    expect(document.activeElement).not.toBe(again);
  });

  it('is done when it was saved while another tab was looked at', async () => {
    const answer: ((run: Run) => void)[] = [];
    const store = show(aRun(), {
      run: async () => aRun(),
      changeRun: () => new Promise<Run>(resolve => answer.push(resolve))
    });
    write('good');
    await waitFor(() => expect(answer).toHaveLength(1));
    cleanup();
    const note = render(
      <Note store={store} run={aRun()} rendermime={rendermime} />
    );
    expect(screen.getByDisplayValue('good')).toBeTruthy();
    await act(async () => answer[0]!(aRun({ note: 'good' })));
    expect(note.queryByRole('textbox')).toBeNull();
  });

  it('keeps what is written while it is saved, and goes on from what was saved', async () => {
    const answer: ((run: Run) => void)[] = [];
    const changeRun = jest.fn(
      (_run: string, _change: RunChange) =>
        new Promise<Run>(resolve => answer.push(resolve))
    );
    let onServer = aRun();
    show(aRun(), { run: async () => onServer, changeRun });
    write('good');
    await waitFor(() => expect(answer).toHaveLength(1));
    fireEvent.change(screen.getByLabelText('Note, in Markdown'), {
      target: { value: 'good and more' }
    });
    onServer = aRun({ note: 'good' });
    await act(async () => answer[0]!(onServer));
    expect(screen.getByDisplayValue('good and more')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(answer).toHaveLength(2));
    expect(changeRun.mock.calls[1]?.[1]).toEqual({ note: 'good and more' });
    await act(async () => answer[1]!(aRun({ note: 'good and more' })));
    expect(screen.queryByLabelText('Note, in Markdown')).toBeNull();
  });

  it('is left as it was on Cancel', () => {
    show(aRun({ note: 'old' }));
    fireEvent.click(screen.getByRole('button', { name: 'Edit note' }));
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByLabelText('Note, in Markdown')).toBeNull();
  });
});
