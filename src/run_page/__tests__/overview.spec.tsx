import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import {
  act,
  cleanup,
  fireEvent,
  render,
  screen,
  waitFor
} from '@testing-library/react';

import type { IMlopsApi } from '../../contract/client';
import { ApiError } from '../../contract/errors';
import type { Run, RunChange } from '../../contract/types';
import { Note } from '../note';
import { Overview } from '../overview';
import { RunPageStore } from '../run_page_store';
import { Tags } from '../tags';
import { anApi, aRun, MadeFeed, RUN_ID, settled } from './parts';

const rendermime = new RenderMimeRegistry({
  initialFactories: standardRendererFactories
});
const opened: string[] = [];

function show(run: Run, answers: Partial<IMlopsApi> = {}): RunPageStore {
  const store = new RunPageStore(anApi(answers), new MadeFeed(false), RUN_ID);
  const view = (shown: Run): JSX.Element => (
    <Overview
      store={store}
      run={shown}
      rendermime={rendermime}
      theme={0}
      openRun={runId => opened.push(runId)}
      openSource={() => opened.push('source')}
    />
  );
  const { rerender, container } = render(view(run));
  store.changed.connect(() => {
    if (container.isConnected) {
      rerender(view(store.run ?? run));
    }
  });
  return store;
}

const metric = (key: string, value: number | 'NaN'): Run['metrics'][0] => ({
  key,
  value,
  step: 4,
  timestamp: 1,
  count: 1,
  minimum: value,
  maximum: value
});

beforeEach(() => {
  opened.length = 0;
});

describe('the overview of a run', () => {
  it('shows what went in, and never a secret', () => {
    show(
      aRun({
        parameters: [
          { key: 'alpha', value: 0.25, type: 'float', secret: false },
          { key: 'layers', value: [64, 32], type: 'list', secret: false },
          { key: 'name', value: 'red', type: 'str', secret: false },
          { key: 'fold', value: '1', type: 'str', secret: false },
          { key: 'empty', value: '', type: 'str', secret: false },
          { key: 'word', value: 'None', type: 'str', secret: false },
          { key: 'nothing', value: null, type: 'None', secret: false },
          { key: 'token', value: 'hidden', type: 'str', secret: true }
        ].map(item => ({ ...item, origin: 'given' }))
      })
    );
    for (const row of [
      'alpha 0.25',
      'layers [64, 32]',
      'name red',
      'fold "1"',
      'empty ""',
      'word "None"',
      'nothing null'
    ]) {
      expect(screen.getByRole('row', { name: row })).toBeTruthy();
    }
    expect(screen.getByRole('row', { name: /token/ }).textContent).toContain(
      '•••'
    );
    expect(document.body.textContent).not.toContain('hidden');
  });

  it('tells defaults, and what the notebook logged, from what it was given', () => {
    const given = { value: 1, type: 'int', secret: false };
    show(
      aRun({
        parameters: [
          { ...given, key: 'alpha', origin: 'given' },
          { ...given, key: 'size', origin: 'default' },
          { ...given, key: 'depth', origin: 'logged' }
        ]
      })
    );
    expect(screen.getAllByRole('row').map(row => row.textContent)).toEqual([
      'alpha1',
      'size1default',
      'depth1logged by the notebook'
    ]);
  });

  it('says so when nothing was given', () => {
    show(aRun());
    expect(screen.getByText(/values in the notebook/)).toBeTruthy();
    expect(screen.getByText(/No metrics yet/)).toBeTruthy();
  });

  it('shows the latest metrics, numbers that are none too', () => {
    show(aRun({ metrics: [metric('loss', 0.125), metric('broken', 'NaN')] }));
    expect(screen.getByRole('row', { name: /loss 0.125/ })).toBeTruthy();
    expect(screen.getByRole('row', { name: /broken NaN/ })).toBeTruthy();
  });

  it('finds a metric among many', () => {
    show(
      aRun({
        metrics: Array.from({ length: 130 }, (_, index) =>
          metric(`layer${index}`, index)
        )
      })
    );
    fireEvent.change(screen.getByLabelText('Filter metrics'), {
      target: { value: 'ER129' }
    });
    const rows = screen.getAllByRole('rowheader').map(node => node.textContent);
    expect(rows).toEqual(['layer129']);
  });

  it('says why the metrics could not be saved', async () => {
    show(aRun({ metrics: [metric('loss', 1)] }), {
      metricHistory: () => Promise.reject(new Error('The server is away.'))
    });
    fireEvent.click(screen.getByRole('button', { name: /CSV/ }));
    expect((await screen.findByRole('alert')).textContent).toBe(
      'The server is away.'
    );
  });

  it('leads to the notebook and to the run that it repeats', () => {
    show(aRun({ rerun_of: 'b'.repeat(32) }));
    fireEvent.click(screen.getByRole('button', { name: 'train.ipynb' }));
    fireEvent.click(screen.getByRole('button', { name: 'bbbbbbbb' }));
    expect(opened).toEqual(['source', 'b'.repeat(32)]);
  });
});

describe('the tags of a run', () => {
  const key = (): HTMLElement => screen.getByLabelText('New tag, as key=value');
  const add = (text: string): void => {
    fireEvent.change(key(), { target: { value: text } });
    fireEvent.click(screen.getByRole('button', { name: 'Add' }));
  };

  it('are added; only the first = divides', async () => {
    const setTag = jest.fn(async (_: string, k: string, value: string) =>
      aRun({ tags: [{ key: k, value }] })
    );
    show(aRun(), { setTag });
    add(' url = http://x?a=b ');
    expect((await screen.findByRole('listitem')).textContent).toContain(
      'http://x?a=b'
    );
    expect(setTag).toHaveBeenCalledWith(RUN_ID, 'url', 'http://x?a=b');
    expect((key() as HTMLInputElement).value).toBe('');
  });

  it('are removed', async () => {
    const removeTag = jest.fn(async () => aRun());
    show(aRun({ tags: [{ key: 'team', value: 'vision' }] }), { removeTag });
    fireEvent.click(screen.getByRole('button', { name: 'Remove tag team' }));
    await waitFor(() => expect(screen.queryByRole('listitem')).toBeNull());
    expect(removeTag).toHaveBeenCalledWith(RUN_ID, 'team');
  });

  it('have a name', () => {
    show(aRun());
    add('=value');
    expect(screen.getByRole('alert').textContent).toContain('key=value');
  });

  it('can be written one after the other while the server is slow', async () => {
    const answers: ((run: Run) => void)[] = [];
    const setTag = jest.fn(
      (_run: string, _key: string, _value: string) =>
        new Promise<Run>(resolve => answers.push(resolve))
    );
    show(aRun(), { setTag });
    add('team=vision');
    expect((key() as HTMLInputElement).value).toBe('');
    expect(screen.getByRole('listitem').textContent).toBe('team=vision');
    add('draft');
    await waitFor(() => expect(answers).toHaveLength(1));
    answers[0]!(aRun({ tags: [{ key: 'team', value: 'vision' }] }));
    await waitFor(() => expect(answers).toHaveLength(2));
    expect(setTag.mock.calls.map(([, name]) => name)).toEqual([
      'team',
      'draft'
    ]);
    answers[1]!(
      aRun({
        tags: [
          { key: 'draft', value: '' },
          { key: 'team', value: 'vision' }
        ]
      })
    );
    await waitFor(() =>
      expect(
        screen.getAllByRole('listitem').map(item => item.textContent)
      ).toEqual(['draft', 'teamvision'])
    );
  });

  it('are added once by a double click', async () => {
    const setTag = jest.fn(() => new Promise<Run>(() => undefined));
    show(aRun(), { setTag });
    add('a=b');
    fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await waitFor(() => expect(setTag).toHaveBeenCalledTimes(1));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('keep what was written when the server refuses', async () => {
    show(aRun(), { setTag: () => Promise.reject(new Error('Too long.')) });
    add('a=b');
    expect((await screen.findByRole('alert')).textContent).toBe('Too long.');
    expect((key() as HTMLInputElement).value).toBe('a=b');
  });

  it('that are accepted do not hide that one before them was refused', async () => {
    const setTag = jest.fn(async (_: string, name: string, value: string) => {
      if (name === 'bad') {
        throw new Error('Too long.');
      }
      return aRun({ tags: [{ key: name, value }] });
    });
    const store = show(aRun(), { setTag });
    add('bad=1');
    add('good=2');
    await waitFor(() => expect(store.run?.tags).toHaveLength(1));
    expect(screen.getByRole('alert').textContent).toBe('Too long.');
    expect((key() as HTMLInputElement).value).toBe('bad=1');
    add('better=3');
    expect(screen.queryByRole('alert')).toBeNull();
    await waitFor(() => expect(setTag).toHaveBeenCalledTimes(3));
  });

  it('are named when they are refused while another is written', async () => {
    let refuse = (_: Error): void => undefined;
    show(aRun(), {
      setTag: () => new Promise<Run>((_, reject) => (refuse = reject))
    });
    add('a=b');
    await act(settled);
    fireEvent.change(key(), { target: { value: 'c=d' } });
    await act(async () => refuse(new Error('Too long.')));
    expect(screen.getByRole('alert').textContent).toBe(
      'a=b was not added: Too long.'
    );
    expect((key() as HTMLInputElement).value).toBe('c=d');
  });

  it('that are refused while another tab is shown are there again', async () => {
    let refuse = (_: Error): void => undefined;
    const store = show(aRun(), {
      setTag: () => new Promise<Run>((_, reject) => (refuse = reject))
    });
    add('a=b');
    await act(settled);
    cleanup();
    render(<Tags store={store} run={aRun()} />);
    expect((key() as HTMLInputElement).value).toBe('');
    expect(screen.getByRole('listitem').textContent).toBe('a=b');
    await act(async () => refuse(new Error('Too long.')));
    expect((key() as HTMLInputElement).value).toBe('a=b');
    expect(screen.getByRole('alert').textContent).toBe('Too long.');
    expect(screen.queryByRole('listitem')).toBeNull();
  });
});

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
