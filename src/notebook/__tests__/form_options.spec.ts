import { nullTranslator } from '@jupyterlab/translation';

import { errorsOfRefusal } from '../form_errors';
import {
  freshOptions,
  type IProposedCopy,
  NO_DEFAULTS,
  proposedCopy,
  readTimeLimit,
  requestedCopy,
  writeTimeLimit
} from '../form_options';
import { ApiError } from '../../contract/errors';

const trans = nullTranslator.load('jupyter_mlops');

describe('the options of a run', () => {
  it('propose a copy only where the user chose a folder', () => {
    const proposed = (outputFolder: string): IProposedCopy | null =>
      proposedCopy(
        { ...NO_DEFAULTS, outputFolder },
        'work/a.ipynb',
        '2026-01-31'
      );
    expect(proposed(' ')).toBeNull();
    expect(proposed('out/{date}/')).toEqual({
      folder: 'out/2026-01-31',
      path: 'out/2026-01-31/a-executed.ipynb'
    });
    expect(proposed('/{notebook}')?.path).toBe('a/a-executed.ipynb');
    expect(proposed('/')).toEqual({ folder: '', path: 'a-executed.ipynb' });
  });

  it('leave the name of a proposed copy to the server, and no name that was typed', () => {
    const proposed = { folder: 'out', path: 'out/a-executed.ipynb' };
    const none = { save_to: null, save_to_folder: null };
    expect(requestedCopy('out/a-executed.ipynb', proposed)).toEqual({
      ...none,
      save_to_folder: 'out'
    });
    expect(requestedCopy(' out/b.ipynb', proposed)).toEqual({
      ...none,
      save_to: 'out/b.ipynb'
    });
    expect(requestedCopy(' ', proposed)).toEqual(none);
    expect(requestedCopy('', null)).toEqual(none);
  });

  it('turn a time limit into seconds', () => {
    const options = freshOptions(
      { outputFolder: '', timeLimitMinutes: 5 },
      null,
      null
    );
    expect(readTimeLimit(options, trans).seconds).toBe(300);
    expect(
      readTimeLimit({ ...options, timeLimit: '1.5', timeUnit: 'h' }, trans)
        .seconds
    ).toBe(5400);
    expect(readTimeLimit({ ...options, timeLimit: ' ' }, trans)).toEqual({
      seconds: null,
      error: null
    });
    expect(
      readTimeLimit({ ...options, timeLimit: '-1' }, trans).error
    ).not.toBeNull();
    expect(
      readTimeLimit({ ...options, timeLimit: 'soon' }, trans).error
    ).not.toBeNull();
  });
});

it.each([
  [7200, '2', 'h'],
  [5400, '90', 'min'],
  [90.5, '90.5', 's'],
  [0, '', 'min']
])('a limit of %d seconds is written %s %s', (seconds, timeLimit, timeUnit) => {
  expect(writeTimeLimit(seconds)).toEqual({ timeLimit, timeUnit });
});

describe('a refusal', () => {
  const refused = (code: string, field: string | null): ApiError =>
    new ApiError('refused', 'No.', {
      type: '',
      title: '',
      status: 400,
      detail: 'No.',
      code,
      id: '',
      field
    });

  it('is told apart for a parameter that is called like an option', () => {
    const keys = ['name', 'alpha'];
    expect(
      errorsOfRefusal(refused('invalid_parameter', 'parameters.name'), keys, [])
        .parameters
    ).toEqual({ name: 'No.' });
    expect(
      errorsOfRefusal(refused('invalid_name', 'name'), keys, []).options
    ).toEqual({ name: 'No.' });
  });

  it('of a key that is none is told at its row', () => {
    const key = `1${'x'.repeat(200)}`;
    const rows = [
      { id: 0, key: 'good', value: '1' },
      { id: 7, key: ` ${key} `, value: '1' }
    ];
    expect(
      errorsOfRefusal(
        refused('invalid_parameter', `parameters.${key.slice(0, 80)}`),
        [],
        rows
      ).rows
    ).toEqual({ 7: 'No.' });
  });

  it('that names no field of the form is said for the form', () => {
    expect(errorsOfRefusal(refused('x', 'notebook'), [], []).form).toBe('No.');
    expect(errorsOfRefusal(new Error('No.'), [], []).form).toBe('No.');
  });
});
