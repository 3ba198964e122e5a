import { aRun } from '../../contract/__tests__/in_memory_server';
import type { RunSummary } from '../../contract/types';
import { mergeHead } from '../runs_merge';

function runs(ids: string): RunSummary[] {
  return [...ids].map(run_id => aRun({ run_id }));
}

function merged(head: string, loaded: string, more: boolean): string {
  const result = mergeHead(runs(head), runs(loaded), more);
  return result.runs.map(({ run_id }) => run_id).join('');
}

describe('a new head of the list', () => {
  it('takes the place of the rows that it covers', () => {
    expect(merged('nab', 'abcd', true)).toBe('nabcd');
  });

  it('takes out rows that it covers and does not name', () => {
    expect(merged('ac', 'abcd', true)).toBe('acd');
  });

  it('is all there is when nothing follows it', () => {
    expect(merged('ab', 'abcd', false)).toBe('ab');
    expect(merged('', 'abcd', false)).toBe('');
  });

  it('is all that is known when it does not reach the loaded rows', () => {
    expect(mergeHead(runs('xyz'), runs('abcd'), true)).toMatchObject({
      joined: false
    });
    expect(merged('xyz', 'abcd', true)).toBe('xyz');
  });
});
