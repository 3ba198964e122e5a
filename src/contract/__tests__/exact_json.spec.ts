import { ExactNumber, isSame, parseExact, writeJson } from '../exact_json';
import { readInspection, readRun } from '../exact_answers';

describe('JSON with its numbers as written', () => {
  it.each([
    '1152921504606846976',
    '-9223372036854775808',
    '9007199254740991',
    '0',
    '1.0',
    '-0.0',
    '0.1',
    '1e-07',
    '"1.0"',
    '"\\"9007199254740993\\""',
    '{"1.0": [9007199254740993, 1.0, 1, null, true], "": {}}'
  ])('comes back as %s', json => {
    // Only the exponent of a small float is written in JavaScript's way.
    expect(writeJson(parseExact(json))).toBe(json.replace('e-07', 'e-7'));
  });

  it.each([
    ['1e3', '1000.0'],
    ['1e16', '1e+16'],
    ['12.50', '12.5']
  ])('says %s as Python would', (json, expected) => {
    expect(writeJson(parseExact(json))).toBe(expected);
  });

  it.each(['01', '1.', "{'a': 1}", '[1,', '"a" 1.0', 'NaN', '"1.0', '1e999'])(
    'is not %s',
    text => {
      expect(() => parseExact(text)).toThrow(SyntaxError);
    }
  );

  it('reads an object with a field like ours as an object', () => {
    expect(isSame(parseExact('{"text": "1.0"}'), parseExact('1.0'))).toBe(
      false
    );
  });

  it('is written over several lines too', () => {
    expect(writeJson({ a: [1, {}], b: [] }, true)).toBe(
      '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'
    );
  });

  it('leaves out what is not set, as JSON does', () => {
    expect(writeJson({ a: undefined, b: 1 })).toBe('{"b": 1}');
  });
});

it('values are the same when Python would read the same', () => {
  expect(isSame({ a: [1, 2] }, { a: [1, 2] })).toBe(true);
  expect(isSame([1, 2], [2, 1])).toBe(false);
  expect(isSame(new ExactNumber('1.0'), 1)).toBe(false);
  expect(isSame(undefined, null)).toBe(true);
});

it('the form of a notebook keeps the digits of values, and plain numbers elsewhere', () => {
  const form = readInspection(
    '{"last_used": {"seed": 9007199254740993}, "last_time_limit": 60.0, "parameters":' +
      ' [{"name": "seed", "default": 1.0, "choices": [1.0], "minimum": 0.0, "maximum": null}]}'
  );
  expect(form.last_time_limit).toBe(60);
  expect(form.last_used).toEqual({ seed: new ExactNumber('9007199254740993') });
  expect(form.parameters).toEqual([
    {
      name: 'seed',
      default: new ExactNumber('1.0'),
      choices: [new ExactNumber('1.0')],
      minimum: 0,
      maximum: null
    }
  ]);
});

it('the parameters of a run keep their digits, and its other numbers are plain', () => {
  const run = readRun(
    '{"version": 1, "duration_ms": 1.0, "parameters": [{"key": "seed", "value": 1152921504606846976}]}'
  );
  expect(writeJson(run.parameters[0]!.value)).toBe('1152921504606846976');
  expect([run.version, run.duration_ms]).toEqual([1, 1]);
});
