/** A value where no type is known: read as the command line reads it, and written to be read again. */
import { isSame, parseExact, writeJson } from './exact_json';
import type { Json } from './types';

/** Python's words, which people write for JSON's. */
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['True', true],
  ['False', false],
  ['None', null]
]);
/** Longer JSON is written over several lines. */
const ONE_LINE = 60;

/** What this text means: JSON, one of Python's words, or itself. */
export function readOpen(text: string): Json {
  const word = WORDS.get(text.trim());
  if (word !== undefined) {
    return word;
  }
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** Write a value as text that is read as the same value. */
export function writeOpen(value: Json): string {
  const isPlain =
    typeof value === 'string' &&
    value.trim() === value &&
    value !== '' &&
    !value.includes('\n') &&
    isSame(readOpen(value), value);
  return isPlain ? value : writeJson(value);
}

/** Write a value as JSON that people can read: long JSON over several lines. */
export function writeLong(value: Json): string {
  const short = writeOpen(value);
  return short.length <= ONE_LINE || typeof value === 'string'
    ? short
    : writeJson(value, true);
}

/** Python's word for the type of a value. */
export function typeOf(value: Json): string {
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'string') {
    return 'str';
  }
  if (typeof value === 'boolean') {
    return 'bool';
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  const text = writeJson(value);
  return text.startsWith('{') ? 'dict' : /[.eE]/.test(text) ? 'float' : 'int';
}
