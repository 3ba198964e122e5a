/**
 * JSON whose numbers stay as they were written.
 *
 * Python counts beyond 2**53 and tells 1.0 from 1; a JavaScript number does neither, so the value of a
 * parameter would come back changed. Numbers that it cannot hold faithfully are kept as text.
 */
import { UUID } from '@lumino/coreutils';

import type { Json } from './types';

/** A number that JavaScript would write differently: 1152921504606846976, 1.0. */
export class ExactNumber {
  /** `text` is a JSON number. */
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Stands before a number while it goes through JSON.parse as text; nobody else can write it. */
const MARK = UUID.uuid4();
/** From here on Python writes an exponent. */
const LONG = 1e16;

/** Read JSON; SyntaxError when it is none, or holds a number beyond every float. */
export function parseExact(text: string): Json {
  // What is no JSON must not become some by the marks.
  JSON.parse(text);
  const marked = text.replace(TOKEN, token => {
    const value = token.startsWith('"') ? token : numberOf(token);
    return value instanceof ExactNumber ? `"${MARK}${value.text}"` : token;
  });
  return JSON.parse(marked, (_, value: Json) =>
    typeof value === 'string' && value.startsWith(MARK)
      ? new ExactNumber(value.slice(MARK.length))
      : value
  );
}

/** The whole number that these digits mean. */
export function wholeNumber(digits: string): number | ExactNumber {
  const value = Number(digits);
  return Number.isSafeInteger(value)
    ? value
    : new ExactNumber(String(BigInt(digits)));
}

/** A finite number as Python's float, which 1 is not. */
export function floatNumber(value: number): number | ExactNumber {
  if (!Number.isInteger(value)) {
    return value;
  }
  const sign = Object.is(value, -0) ? '-' : '';
  return new ExactNumber(
    Math.abs(value) < LONG ? `${sign}${value}.0` : value.toExponential()
  );
}

function numberOf(token: string): number | ExactNumber {
  if (!/[.eE]/.test(token)) {
    return wholeNumber(token);
  }
  const value = Number(token);
  if (!Number.isFinite(value)) {
    throw new SyntaxError(`The number ${token} is too large.`);
  }
  return floatNumber(value);
}

/** Write JSON as Python does, with a space after comma and colon; or over several lines. */
export function writeJson(value: Json, lines = false, indent = '\n'): string {
  if (value instanceof ExactNumber) {
    return value.text;
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value ?? null);
  }
  const inner = lines ? `${indent}  ` : '';
  const write = (item: Json): string => writeJson(item, lines, inner);
  const items = Array.isArray(value)
    ? value.map(write)
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}: ${write(item)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return lines && items.length > 0
    ? `${open}${inner}${items.join(`,${inner}`)}${indent}${close}`
    : `${open}${items.join(', ')}${close}`;
}

/** Tell whether two values are the same for Python. */
export function isSame(one: Json, two: Json): boolean {
  return writeJson(one) === writeJson(two);
}
