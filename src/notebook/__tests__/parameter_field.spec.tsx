import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';

import { parseExact } from '../../contract/exact_json';
import type { ParameterSpec } from '../../contract/types';
import { defaultField, type FieldValue } from '../field_value';
import { ParameterField } from '../parameter_field';
import { aSpec } from './forms';

let value: FieldValue;

/** A field that keeps what is typed, as the form does. */
function Kept({
  spec,
  start
}: {
  spec: ParameterSpec;
  start: FieldValue;
}): JSX.Element {
  const [current, setCurrent] = useState(start);
  value = current;
  return (
    <ParameterField
      spec={spec}
      value={current}
      error={null}
      isChanged={false}
      onChange={setCurrent}
      onLeave={() => undefined}
    />
  );
}

function show(
  change: Partial<ParameterSpec>,
  start?: FieldValue
): HTMLInputElement {
  const spec = aSpec({ source: '', ...change });
  const first = start === undefined ? defaultField(spec) : start;
  render(<Kept spec={spec} start={first} />);
  return screen.getByLabelText(/^alpha\*?$/, {
    selector: ':not([type=checkbox])'
  });
}

describe('the field of a date', () => {
  it('is the browser’s own', () => {
    const input = show({ type: 'date', default: '2026-01-31' });
    expect([input.type, input.value]).toEqual(['date', '2026-01-31']);
    fireEvent.change(input, { target: { value: '2026-02-01' } });
    expect(value).toBe('2026-02-01');
  });

  it('has a time too where the parameter has one', () => {
    const input = show({ type: 'datetime', default: '2026-01-31T14:30:00' });
    expect(input.type).toBe('datetime-local');
    expect(input.value).toContain('2026-01-31T14:30');
  });

  it('shows a time with its zone as text, for the browser has no input for it', () => {
    const time = '2026-01-31T14:30:00+02:00';
    const input = show({ type: 'datetime', default: null }, time);
    expect([input.type, input.value]).toEqual(['text', time]);
  });
});

describe('the field of a secret', () => {
  it('hides what is typed, and says that it is not stored', () => {
    const input = show({ type: 'str', default: null, secret: true });
    expect([input.type, input.autocomplete]).toEqual([
      'password',
      'new-password'
    ]);
    expect(screen.getByText('secret')).not.toBeNull();
    expect(screen.getByText(/^Not stored/)).not.toBeNull();
    fireEvent.change(input, { target: { value: 'hush' } });
    expect(value).toBe('hush');
  });

  it('can be filled although None is its default, and has no None of its own', () => {
    const input = show(
      { type: 'str', default: null, secret: true, nullable: true },
      null
    );
    expect(input.disabled).toBe(false);
    expect(screen.queryByRole('checkbox')).toBeNull();
  });

  it('says that it is needed where the run had one', () => {
    const input = show({
      type: 'str',
      default: null,
      secret: true,
      required: true
    });
    expect(input.getAttribute('aria-required')).toBe('true');
    expect(screen.getByText(/it is needed for each run/)).not.toBeNull();
  });
});

describe('the field of a parameter that may be None', () => {
  const none = (): HTMLInputElement =>
    screen.getByRole('checkbox', { name: 'alpha is None' });

  it('is None by a box of its own', () => {
    const input = show({ type: 'int', default: 5, nullable: true });
    expect([none().checked, input.disabled]).toEqual([false, false]);
    fireEvent.click(none());
    expect([value, input.disabled, input.placeholder]).toEqual([
      null,
      true,
      'None'
    ]);
    fireEvent.click(none());
    expect([value, input.disabled]).toEqual(['', false]);
  });

  it('is None from the start only where the notebook says so', () => {
    const computed = show({
      type: 'int',
      default: null,
      default_known: false,
      nullable: true,
      source: 'compute()'
    });
    expect([none().checked, computed.placeholder]).toEqual([
      false,
      'compute()'
    ]);
  });

  it('starts as None where that is written', () => {
    show({ type: 'int', default: null, default_known: true, nullable: true });
    expect(none().checked).toBe(true);
  });
});

describe('a blank field', () => {
  it('shows what is left to the notebook', () => {
    expect(show({ type: 'int', default: 5 }, '').placeholder).toBe('5');
  });

  it('is text where the parameter is text', () => {
    expect(show({ type: 'str', default: 'x' }, '').placeholder).toBe('');
  });
});

it('the field of any value says what it is taken for', () => {
  const input = show({ type: 'json', default: 'text' });
  for (const [text, type] of [
    ['False', 'bool'],
    ['1.0', 'float'],
    ['7', 'int'],
    ["{'a': 1}", 'str'],
    ['[1]', 'list']
  ] as const) {
    fireEvent.change(input, { target: { value: text } });
    expect(screen.getByText(type)).not.toBeNull();
  }
});

it('a whole number beyond 2**53 is shown with all its digits', () => {
  const big = '1152921504606846976';
  expect(show({ type: 'int', default: parseExact(big) }).value).toBe(big);
});

it('a choice is offered in Python’s words', () => {
  show({
    type: 'json',
    default: true,
    choices: [true, 'a', parseExact('1.0')],
    nullable: true
  });
  expect(
    screen.getAllByRole('option').map(({ textContent }) => textContent)
  ).toEqual(['True', 'a', '1.0', 'None']);
});

it('a slider over orders of magnitude stands where its number is', () => {
  show({ default: 0.0005, minimum: 0.0001, maximum: 1 });
  const slider = document.querySelector<HTMLInputElement>('[type="range"]');
  expect(Number(slider?.value)).toBeCloseTo(0.175, 2);
  if (slider) {
    fireEvent.change(slider, { target: { value: '0.5' } });
  }
  expect(value).toBe('0.01');
});
