/** Numbers as short text: enough digits to compare two runs, no more than fit a row. */
import type { WireFloat } from '../contract/types';

const NAMES: Readonly<Record<string, string>> = {
  NaN: 'NaN',
  Infinity: '∞',
  '-Infinity': '−∞'
};

/** Write a metric value with at most `digits` significant digits. */
export function formatNumber(value: WireFloat, digits = 4): string {
  if (typeof value === 'string') {
    return NAMES[value] ?? value;
  }
  if (!Number.isFinite(value)) {
    return NAMES[String(value)] ?? String(value);
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value
      .toExponential(Math.max(0, digits - 2))
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
      .replace('-', '−')
      .replace('e-', 'e−');
  }
  if (Number.isInteger(value)) {
    return String(value).replace('-', '−');
  }
  return String(Number(value.toPrecision(digits))).replace('-', '−');
}

/** The number that a wire value stands for. */
export function wireNumber(value: WireFloat): number {
  return typeof value === 'number' ? value : Number(value);
}
