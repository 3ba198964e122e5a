/** Where a number stands on its slider, and which numbers the slider can be drawn to. */

import type { ParameterSpec } from '../contract/types';

/** A slider from 0 to 1. */
export interface ISliderScale {
  /** Where a number stands, 0 to 1. */
  placeOf(value: number): number;
  /** The text of the round number that is nearest to a place. */
  textAt(place: number): string;
}

export type ISliderRange = Pick<
  ParameterSpec,
  | 'type'
  | 'default'
  | 'minimum'
  | 'maximum'
  | 'exclusive_minimum'
  | 'exclusive_maximum'
>;

/** A range over more than this factor is drawn by its orders of magnitude. */
const WIDE = 100;
/** How far below its default a number may be drawn, when 0 is its minimum. */
const BELOW_DEFAULT = 100;
/** Steps of a linear slider, at least, where the type has so many. */
const STEPS = 100;

/** The slider of a number with both bounds; null for all others. */
export function sliderScale(range: ISliderRange): ISliderScale | null {
  const { minimum, maximum } = range;
  if (minimum === null || maximum === null || !(minimum < maximum)) {
    return null;
  }
  const isWhole = range.type === 'int';
  const start = minimum === 0 ? lowestOf(range, maximum) : minimum;
  const isWide = start > 0 && maximum / start > WIDE;
  const scale = (isWide ? logarithmic : linear)(start, maximum, isWhole);
  // The ends can be reached, round or not, unless they are no values themselves.
  const above = start > minimum ? start : scale.above;
  const low = range.exclusive_minimum ? above : minimum;
  const high = range.exclusive_maximum ? scale.below : maximum;
  return {
    placeOf: value => inside(scale.placeOf(value), 0, 1),
    textAt: place => {
      const near = place <= 0 ? low : place >= 1 ? high : scale.roundAt(place);
      const value = inside(near, low, high);
      // Without the dust of binary fractions.
      return String(
        isWhole ? Math.round(value) : Number(value.toPrecision(12))
      );
    }
  };
}

/** Where a slider from 0 starts behind the 0: far below a default that is small beside the maximum. */
function lowestOf(
  { default: exact, type }: ISliderRange,
  maximum: number
): number {
  // It may be an `ExactNumber`; what is no number at all compares as false.
  const value = Number(String(exact));
  if (!(value > 0 && maximum / value > WIDE)) {
    return 0;
  }
  const lowest = 10 ** Math.floor(Math.log10(value)) / BELOW_DEFAULT;
  return type === 'int' ? Math.max(1, lowest) : lowest;
}

interface IScale {
  placeOf(value: number): number;
  roundAt(place: number): number;
  /** The first number behind the start, and the last one before the end. */
  above: number;
  below: number;
}

function linear(start: number, end: number, isWhole: boolean): IScale {
  const length = end - start;
  const finest = 10 ** Math.floor(Math.log10(length / STEPS));
  const step = isWhole ? Math.max(1, finest) : finest;
  return {
    placeOf: value => (value - start) / length,
    roundAt: place => Math.round((start + place * length) / step) * step,
    above: start + step,
    below: end - step
  };
}

function logarithmic(start: number, end: number, isWhole: boolean): IScale {
  const length = Math.log(end / start);
  const round = (value: number): number => Number(value.toPrecision(2));
  return {
    placeOf: value => Math.log(value / start) / length,
    roundAt: place => round(start * Math.exp(place * length)),
    above: isWhole ? start + 1 : round(start * 1.1),
    below: isWhole ? end - 1 : round(end / 1.1)
  };
}

/** What is no number, or below every order of magnitude, stands at the start. */
function inside(value: number, low: number, high: number): number {
  return value > low ? Math.min(value, high) : low;
}
