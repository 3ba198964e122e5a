import { cleanup, fireEvent, screen } from '@testing-library/react';

import type { Run } from '../../contract/types';
import { aRun } from './parts';
import { opened, show } from './shown_overview';

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

  it('shows what a client of MLflow logged as the text that it sent', () => {
    const logged = {
      value: 'True',
      type: 'str',
      secret: false,
      origin: 'logged'
    } as const;
    show(
      aRun({
        source_type: 'client',
        parameters: [{ ...logged, key: 'refit' }]
      })
    );
    expect(screen.getAllByRole('row').map(row => row.textContent)).toEqual([
      'refitTrue'
    ]);
    expect(screen.queryByText('Queued')).toBeNull();
    cleanup();
    // In the run of a notebook, what the notebook was given stands as it was given.
    show(
      aRun({
        tags: [{ key: 'mlflow.user', value: 'ann' }],
        parameters: [
          { ...logged, key: 'fold', value: '1', origin: 'given' },
          { ...logged, key: 'refit' }
        ]
      })
    );
    expect(screen.getAllByRole('row').map(row => row.textContent)).toEqual([
      'fold"1"',
      'refitTruelogged by the notebook'
    ]);
    cleanup();
    show(aRun({ source_type: 'client' }));
    expect(screen.getByText('None were logged.')).toBeTruthy();
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

  it('leads from the run of a client to its notebook and to what it is part of', () => {
    show(aRun({ source_type: 'client', parent_run_id: 'c'.repeat(32) }));
    fireEvent.click(screen.getByRole('button', { name: 'train.ipynb' }));
    fireEvent.click(screen.getByRole('button', { name: 'cccccccc' }));
    expect(opened).toEqual(['source', 'c'.repeat(32)]);
  });

  it('leads to the parts of a run, and says when there are more', async () => {
    const part = aRun({
      run_id: 'd'.repeat(32),
      name: 'fold 1',
      status: 'FAILED',
      key_metric: metric('auc', 0.5)
    });
    const asked: unknown[] = [];
    show(aRun(), {
      runs: query => {
        asked.push(query?.parent);
        return Promise.resolve({ runs: [part], total: 80, next_cursor: 'x' });
      }
    });
    fireEvent.click(await screen.findByRole('button', { name: 'fold 1' }));
    expect(asked).toEqual([aRun().run_id]);
    expect(opened).toEqual([part.run_id]);
    const row = screen.getByRole('row', { name: /fold 1/ });
    expect(row.textContent).toContain('Failed');
    expect(row.textContent).toContain('auc 0.5');
    expect(screen.getByText('The newest 1 of 80 are shown.')).toBeTruthy();
  });

  it('says that MLflow logged by itself', () => {
    show(aRun());
    expect(screen.queryByText('Autolog with MLflow')).toBeNull();
    cleanup();
    show(aRun({ autolog: true }));
    expect(screen.getByText('Autolog with MLflow')).toBeTruthy();
  });
});
