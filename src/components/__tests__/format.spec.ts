import durations from '../../../tests/corpus/durations.json';
import { Gettext, nullTranslator } from '@jupyterlab/translation';

import { formatBytes } from '../byte_size';
import { formatDuration } from '../duration';
import { formatNumber, wireNumber } from '../number_format';
import { cellAtWork, progressText, runProgress } from '../run_progress';
import { sparklinePath } from '../sparkline';
import { formatMoment, formatTimeAgo } from '../time_ago';

describe('a duration', () => {
  it.each(durations as [number, string][])('of %d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('is never negative', () => {
    expect(formatDuration(-5)).toBe('0 ms');
  });
});

describe('a number', () => {
  it.each([
    [0, '0'],
    [0.123456, '0.1235'],
    [-1.5, '−1.5'],
    [1234.567, '1235'],
    [42, '42'],
    [0.000012345, '1.23e−5'],
    [12_345_678, '1.23e7'],
    ['NaN', 'NaN'],
    ['-Infinity', '−∞']
  ] as const)('%p is written %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('on the wire may be none', () => {
    expect(wireNumber('NaN')).toBeNaN();
    expect(wireNumber('-Infinity')).toBe(-Infinity);
    expect(wireNumber(2)).toBe(2);
  });
});

describe('a size', () => {
  it.each([
    [812, '812 B'],
    [1250, '1.25 kB'],
    [999_600, '1 MB'],
    [62_799_872, '62.8 MB']
  ])('of %d bytes is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('a moment in the past', () => {
  const now = Date.UTC(2026, 0, 31, 12);
  it.each([
    [10_000, 'now'],
    [-10_000, 'now'],
    [5 * 60_000, '5 min. ago'],
    [3 * 3_600_000, '3 hr. ago'],
    [30 * 86_400_000, 'Jan 1, 2026']
  ])('%d ms ago is %s', (age, text) => {
    expect(
      formatTimeAgo(now - age, now, new Gettext({ locale: 'en-US' }))
    ).toBe(text);
  });

  it('is said in the language of JupyterLab, not in that of the browser', () => {
    expect(navigator.language).toBe('en-US');
    const german = new Gettext({ locale: 'de-DE' });
    expect(formatTimeAgo(now - 7_200_000, now, german)).toBe('vor 2 Std.');
    expect(formatMoment(now, german)).toMatch(/^31\.01\.2026/);
  });

  it('keeps to the browser where that speaks the language more exactly', () => {
    const languages = jest
      .spyOn(navigator, 'languages', 'get')
      .mockReturnValue(['fr', 'en-GB', 'en-US']);
    const moment = formatMoment(now, new Gettext({ locale: 'en' }));
    expect(moment).toMatch(/^31 Jan 2026/);
    languages.mockRestore();
  });
});

describe('a sparkline', () => {
  it('goes up where values grow, and ends at the last', () => {
    const { path, end } = sparklinePath([0, 1], 50, 20);
    expect(path).toBe('M2.0 18.0L48.0 2.0');
    expect(end).toEqual([48, 2]);
  });

  it('is interrupted where there is no number', () => {
    const { path } = sparklinePath([0, null, 1, 2], 50, 20);
    expect(path.match(/M/g)).toHaveLength(2);
  });

  it('is level for equal values, and absent for fewer than two', () => {
    expect(sparklinePath([3, 3], 50, 20).path).toBe('M2.0 10.0L48.0 10.0');
    expect(sparklinePath([3], 50, 20).end).toBeNull();
    expect(sparklinePath([3, NaN, null], 50, 20).end).toBeNull();
  });
});

describe('how far a run is', () => {
  const progress = {
    cells_done: 2,
    cells_total: 4,
    current_cell: 5,
    failing_cell: null
  };

  it('is a share once the number of cells is known', () => {
    expect(runProgress({ progress })).toBe(0.5);
    expect(runProgress({ progress: { ...progress, cells_total: 0 } })).toBe(
      null
    );
  });

  it('names the cell at work, and never one after the last', () => {
    expect(cellAtWork({ progress })).toBe(3);
    expect(cellAtWork({ progress: { ...progress, cells_done: 4 } })).toBe(4);
  });

  it.each([
    ['Queued', { status: 'SCHEDULED', queue_position: null }],
    ['Queued, number 3', { status: 'SCHEDULED', queue_position: 3 }],
    ['Cell 3 of 4', { status: 'RUNNING' }],
    ['Running', { progress: { ...progress, cells_total: 0 } }],
    ['Cancelling…', { status: 'RUNNING', cancel_requested: true }],
    ['Cancelling…', { status: 'SCHEDULED', cancel_requested: true }]
  ] as const)('is said as %s', (words, change) => {
    const run = {
      status: 'RUNNING' as const,
      queue_position: null,
      cancel_requested: false,
      progress,
      ...change
    };
    expect(progressText(run, nullTranslator.load('jupyter_mlops'))).toBe(words);
  });
});
