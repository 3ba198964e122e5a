import { ExactNumber } from '../../contract/exact_json';
import type { ParameterSpec } from '../../contract/types';
import { type ISliderScale, sliderScale } from '../slider_scale';
import { aSpec } from './forms';

function scale(
  minimum: number,
  maximum: number,
  change: Partial<ParameterSpec> = {}
): ISliderScale {
  const made = sliderScale(aSpec({ minimum, maximum, ...change }));
  if (!made) {
    throw new Error('no slider');
  }
  return made;
}

describe('a slider', () => {
  it('is only for a number with two different bounds', () => {
    for (const [minimum, maximum] of [
      [null, 1],
      [0, null],
      [1, 1]
    ] as const) {
      expect(sliderScale(aSpec({ minimum, maximum }))).toBeNull();
    }
  });

  it('gives each order of magnitude the same room where there are many', () => {
    const { placeOf, textAt } = scale(0.0001, 1);
    expect([0.0001, 0.01, 1].map(placeOf)).toEqual([0, expect.closeTo(0.5), 1]);
    expect([0, 0.25, 0.5, 0.6, 1].map(textAt)).toEqual([
      '0.0001',
      '0.001',
      '0.01',
      '0.025',
      '1'
    ]);
    expect(placeOf(0.0005)).toBeGreaterThan(0.1);
  });

  it('has room for a default that is small beside the maximum, though 0 is the minimum', () => {
    const { placeOf, textAt } = scale(0, 1, { default: 0.0005 });
    expect(placeOf(0.0005)).toBeGreaterThan(0.3);
    expect([0, 0.001, 0.5, 1].map(textAt)).toEqual([
      '0',
      '0.000001',
      '0.001',
      '1'
    ]);
    const whole = scale(0, 100_000, { type: 'int', default: 20 });
    expect([0, 0.001, 0.5].map(whole.textAt)).toEqual(['0', '1', '320']);
    const exact = scale(0, 1000, { default: new ExactNumber('1.0') });
    expect(exact.placeOf(1)).toBeGreaterThan(0.3);
    for (const none of [null, '', 'x', true]) {
      expect(scale(0, 1000, { default: none }).placeOf(1)).toBe(0.001);
    }
    const open = scale(0, 1, { default: 0.0005, exclusive_minimum: true });
    expect(open.textAt(0)).toBe('0.000001');
  });

  it('goes by whole, round steps elsewhere', () => {
    expect([0, 0.123, 0.5, 1].map(scale(0, 1).textAt)).toEqual([
      '0',
      '0.12',
      '0.5',
      '1'
    ]);
    expect([0, 0.3333, 1].map(scale(0.05, 0.95).textAt)).toEqual([
      '0.05',
      '0.35',
      '0.95'
    ]);
    expect([0, 0.5, 0.777].map(scale(1, 9, { type: 'int' }).textAt)).toEqual([
      '1',
      '5',
      '7'
    ]);
    expect(scale(0, 5000, { type: 'int', default: 2000 }).textAt(0.3333)).toBe(
      '1670'
    );
  });

  it('reaches its ends, and no further', () => {
    const { placeOf, textAt } = scale(3, 4444, { type: 'int' });
    expect([0, 1].map(textAt)).toEqual(['3', '4444']);
    expect(textAt(0.9999)).toBe('4400');
    expect([-5, 0, 9999, Number.NaN].map(placeOf)).toEqual([0, 0, 1, 0]);
  });

  it('never stands for a bound that is no value', () => {
    const open = { exclusive_minimum: true, exclusive_maximum: true };
    const ends = (range: ISliderScale): string[] =>
      [0, 0.0001, 0.9999, 1].map(range.textAt);
    expect(ends(scale(0, 1, open))).toEqual(['0.01', '0.01', '0.99', '0.99']);
    expect(ends(scale(1, 9, { type: 'int', ...open }))).toEqual([
      '2',
      '2',
      '8',
      '8'
    ]);
    expect(ends(scale(0.0001, 1, open))).toEqual([
      '0.00011',
      '0.00011',
      '0.91',
      '0.91'
    ]);
  });

  it('stands at its start for what is no number', () => {
    expect(scale(0, 1).placeOf(Number.NaN)).toBe(0);
    expect(scale(-1, 1).placeOf(Number('x'))).toBe(0);
  });
});
