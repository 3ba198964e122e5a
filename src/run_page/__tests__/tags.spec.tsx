import {
  act,
  cleanup,
  fireEvent,
  render,
  screen,
  waitFor
} from '@testing-library/react';

import type { Run } from '../../contract/types';
import { Tags } from '../tags';
import { aRun, RUN_ID, settled } from './parts';
import { show } from './shown_overview';

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

  it('that MLflow sets for itself are folded away', () => {
    show(
      aRun({
        tags: [
          { key: 'mlflow.source.name', value: 'fit.ipynb' },
          { key: 'mlflow.user', value: 'ann' },
          { key: 'team', value: 'vision' }
        ]
      })
    );
    const folded = screen.getByText('2 tags of MLflow').closest('details');
    expect(folded?.open).toBe(false);
    expect(folded?.textContent).toContain('fit.ipynb');
    expect(folded?.textContent).not.toContain('vision');
  });
});
