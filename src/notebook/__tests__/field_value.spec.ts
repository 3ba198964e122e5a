import { nullTranslator } from '@jupyterlab/translation';

import type { ParameterSpec } from '../../contract/types';
import { ExactNumber, isSame, parseExact } from '../../contract/exact_json';
import {
  defaultField,
  fieldKind,
  type FieldValue,
  type Meaning,
  readField,
  toField
} from '../field_value';
import { aSpec } from './forms';

const trans = nullTranslator.load('jupyter_mlops');

function read(change: Partial<ParameterSpec>, field: FieldValue): Meaning {
  return readField(aSpec(change), field, trans);
}

function value(change: Partial<ParameterSpec>, field: FieldValue): unknown {
  const meaning = read(change, field);
  return meaning.kind === 'value' ? meaning.value : meaning.kind;
}

describe('the input of a parameter', () => {
  it.each([
    [{ type: 'bool', default: true }, 'switch'],
    [{ type: 'bool', default: null, nullable: true }, 'choice'],
    [{ type: 'bool', default: null, default_known: false }, 'choice'],
    [{ type: 'int' }, 'number'],
    [{ choices: ['a', 'b'] }, 'choice'],
    [{ type: 'str', secret: true, choices: ['a'] }, 'secret'],
    [{ type: 'dict' }, 'json'],
    [{ type: 'date' }, 'date'],
    [{ type: 'datetime', default: '2024-05-01T10:00:00' }, 'datetime'],
    [{ type: 'datetime', default: '2024-05-01T10:00:00+02:00' }, 'text'],
    [{ type: 'none', default: null }, 'json']
  ] as [Partial<ParameterSpec>, string][])('for %j is a %s', (spec, kind) => {
    expect(fieldKind(aSpec(spec))).toBe(kind);
  });
});

describe('a default', () => {
  const cases: [Partial<ParameterSpec>][] = [
    [{ default: 0.1 }],
    [{ default: 1e-7 }],
    [{ type: 'int', default: -3 }],
    [{ type: 'bool', default: false }],
    [{ type: 'bool', default: null, nullable: true }],
    [{ type: 'str', default: '' }],
    [{ type: 'str', default: ' a "b" \n' }],
    [{ type: 'str', default: null, nullable: true }],
    [{ type: 'list', default: [1, [2, 'x'], null] }],
    [{ type: 'dict', default: { a: { b: [1.5] } } }],
    [{ type: 'date', default: '2024-05-01' }],
    [{ choices: ['a', 2, true], default: 2 }],
    [{ type: 'json', default: 'text that is no JSON' }],
    [{ type: 'json', default: { a: 1 } }],
    [{ type: 'json', default: null, default_known: true }],
    [{ type: 'json', default: 'False' }],
    [{ type: 'json', default: '7' }],
    [{ type: 'json', default: false }]
  ];

  it.each(cases)('of %j is the same after a way through its field', spec => {
    const full = aSpec(spec);
    expect(value(spec, toField(full, full.default))).toEqual(full.default);
  });

  it('that the notebook computes leaves the field blank, and stays the notebook’s', () => {
    for (const type of ['float', 'str', 'list', 'date'] as const) {
      for (const nullable of [false, true]) {
        const spec = aSpec({
          type,
          nullable,
          default: null,
          default_known: false,
          source: 'compute()'
        });
        expect(defaultField(spec)).toBe('');
        expect(readField(spec, '', trans)).toEqual({ kind: 'blank' });
      }
    }
  });
});

it('a short list or mapping is written as Python prints it', () => {
  const spec = aSpec({ type: 'json' });
  expect(toField(spec, [1, { a: [] }, 'x,y'])).toBe('[1, {"a": []}, "x,y"]');
  expect(toField(spec, Array(40).fill(0))).toContain('\n');
});

describe('a number that JavaScript cannot hold', () => {
  const big = 2n ** 60n;

  it.each([
    ['int', `${big}`],
    ['int', '-9223372036854775808'],
    ['float', '1.0'],
    ['json', `${big}`],
    ['list', `[${big}, 1.0, 1]`],
    ['dict', `{"seed": ${big}}`]
  ] as const)('stays the default of %s: %s', (type, json) => {
    const spec = aSpec({ type, default: parseExact(json) });
    const field = defaultField(spec);
    expect(field).toBe(json);
    const meaning = readField(spec, field, trans);
    expect(
      meaning.kind === 'value' && isSame(meaning.value, spec.default)
    ).toBe(true);
  });

  it('is one of the choices', () => {
    const choices = parseExact(`[${big}, 1]`) as unknown[];
    const spec = aSpec({ type: 'int', choices, default: choices[0] });
    expect(value(spec, defaultField(spec))).toEqual(choices[0]);
    expect(read(spec, `${big + 1n}`).kind).toBe('error');
  });
});

describe('a typed number', () => {
  it('may be written as Python writes it', () => {
    expect(value({}, ' 1e-3 ')).toBe(0.001);
    expect(value({}, '.5')).toBe(0.5);
    expect(value({}, '-inf')).toBe('-inf');
    expect(value({ type: 'int' }, '+7')).toBe(7);
  });

  it('that JavaScript cannot hold keeps its digits', () => {
    expect(value({ type: 'int' }, '+012345678901234567890')).toEqual(
      new ExactNumber('12345678901234567890')
    );
  });

  it.each(['abc', '1,5', '0x10', '1 2', '--1'])('is not %s', text => {
    expect(read({}, text).kind).toBe('error');
  });

  it('is whole for an integer', () => {
    expect(read({ type: 'int' }, '1.5').kind).toBe('error');
  });

  it('keeps to its range', () => {
    expect(read({ minimum: 0, maximum: 1 }, '1').kind).toBe('value');
    expect(read({ minimum: 0 }, '-0.1').kind).toBe('error');
    expect(read({ maximum: 1 }, '1.1').kind).toBe('error');
  });
});

describe('typed JSON', () => {
  it('has the shape of its type', () => {
    expect(read({ type: 'list' }, '{"a": 1}').kind).toBe('error');
    expect(read({ type: 'dict' }, '[1]').kind).toBe('error');
    expect(read({ type: 'dict' }, 'null').kind).toBe('error');
    expect(read({ type: 'tuple' }, '[1, 2]').kind).toBe('value');
    expect(read({ type: 'list' }, '[1,').kind).toBe('error');
  });

  it('may be plain text where the type is open', () => {
    expect(value({ type: 'json' }, 'hello')).toBe('hello');
    expect(value({ type: 'none' }, '5')).toBe(5);
    expect(value({ type: 'json' }, '"5"')).toBe('5');
  });

  it.each([
    ['True', true],
    [' False ', false],
    ['None', null]
  ])('may be Python’s %s where the type is open', (text, expected) => {
    expect(value({ type: 'json' }, text)).toBe(expected);
  });
});

describe('a parameter that must be given', () => {
  it.each(['float', 'str', 'list'] as const)('%s may not be blank', type => {
    expect(
      read({ type, default: null, required: true, source: '' }, '').kind
    ).toBe('error');
  });

  it('is not None by itself when it is a secret', () => {
    const spec = aSpec({
      type: 'str',
      default: null,
      secret: true,
      required: true,
      nullable: true
    });
    for (const field of [defaultField(spec), toField(spec, null), null]) {
      expect(readField(spec, field, trans)).toEqual({
        kind: 'error',
        message: 'A value is needed: secrets are not stored.'
      });
    }
  });
});

it('None is a value of its own', () => {
  expect(value({ nullable: true }, null)).toBeNull();
  expect(toField(aSpec({ nullable: true }), null)).toBeNull();
});
