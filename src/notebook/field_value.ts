/** What stands in the field of a parameter, and the JSON value that it means. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { JSONExt, type PartialJSONValue } from '@lumino/coreutils';

import type { Json, ParameterSpec } from '../contract/types';

/** Text as typed, the state of a switch, or null for Python's `None`. */
export type FieldValue = string | boolean | null;

/** The kind of input that fits a parameter. */
export type FieldKind =
  | 'switch'
  | 'choice'
  | 'number'
  | 'date'
  | 'datetime'
  | 'secret'
  | 'json'
  | 'text';

/** What a field means: a value, nothing (the notebook's own stays), or a mistake. */
export type Meaning =
  | { kind: 'value'; value: Json }
  | { kind: 'blank' }
  | { kind: 'error'; message: string };

const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/;
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NAMED = /^[+-]?(inf(inity)?|nan)$/i;
/** Longer JSON is written over several lines. */
const ONE_LINE = 60;

/** Choose the input for a parameter. */
export function fieldKind(spec: ParameterSpec): FieldKind {
  if (spec.secret) {
    return 'secret';
  }
  if (spec.choices) {
    return 'choice';
  }
  switch (spec.type) {
    case 'bool':
      return spec.nullable || spec.default === null ? 'choice' : 'switch';
    case 'int':
    case 'float':
      return 'number';
    case 'date':
      return 'date';
    case 'datetime':
      return typeof spec.default !== 'string' || LOCAL_TIME.test(spec.default)
        ? 'datetime'
        : 'text';
    case 'str':
      return 'text';
    case 'list':
    case 'tuple':
    case 'set':
    case 'dict':
    case 'none':
    case 'json':
      return 'json';
  }
}

/** What a choice field offers; a boolean without a default is a choice of two. */
export function choicesOf(spec: ParameterSpec): readonly Json[] {
  return spec.choices ?? [true, false];
}

/** Write a JSON value into the field of its parameter. */
export function toField(spec: ParameterSpec, value: Json): FieldValue {
  if (value === null || value === undefined) {
    return spec.nullable ? null : '';
  }
  switch (fieldKind(spec)) {
    case 'switch':
      return value === true;
    case 'secret':
      return '';
    case 'choice':
      return JSON.stringify(value);
    case 'json': {
      const short = oneLine(value);
      return short.length <= ONE_LINE ? short : JSON.stringify(value, null, 2);
    }
    case 'number':
    case 'date':
    case 'datetime':
    case 'text':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

/** JSON as Python prints it: with a space after each comma and colon. */
function oneLine(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(oneLine).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const items = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`
    );
    return `{${items.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** Read what a field means; a mistake is said in the user's words. */
export function readField(
  spec: ParameterSpec,
  field: FieldValue,
  trans: TranslationBundle
): Meaning {
  if (field === null) {
    return { kind: 'value', value: null };
  }
  if (typeof field === 'boolean') {
    return { kind: 'value', value: field };
  }
  if (field.trim() === '' && !isText(spec)) {
    return spec.required
      ? { kind: 'error', message: trans.__('A value is needed.') }
      : { kind: 'blank' };
  }
  switch (fieldKind(spec)) {
    case 'number':
      return readNumber(spec, field.trim(), trans);
    case 'json':
      return readJson(spec, field, trans);
    case 'choice':
      return { kind: 'value', value: JSON.parse(field) };
    case 'secret':
    case 'text':
      return readText(spec, field, trans);
    case 'switch':
    case 'date':
    case 'datetime':
      return { kind: 'value', value: field };
  }
}

/** Tell whether two JSON values are the same. */
export function isSame(one: Json, two: Json): boolean {
  return JSONExt.deepEqual(
    (one ?? null) as PartialJSONValue,
    (two ?? null) as PartialJSONValue
  );
}

/** Whether a blank field is itself a value: empty text. */
function isText(spec: ParameterSpec): boolean {
  return spec.secret || fieldKind(spec) === 'text';
}

function readText(
  spec: ParameterSpec,
  field: string,
  trans: TranslationBundle
): Meaning {
  if (field !== '') {
    return { kind: 'value', value: field };
  }
  if (spec.required) {
    return { kind: 'error', message: trans.__('A value is needed.') };
  }
  // Blank where the notebook computes the default: leave it to the notebook.
  return spec.secret || spec.default === null || spec.type !== 'str'
    ? { kind: 'blank' }
    : { kind: 'value', value: '' };
}

function readNumber(
  spec: ParameterSpec,
  text: string,
  trans: TranslationBundle
): Meaning {
  const wrong = (message: string): Meaning => ({ kind: 'error', message });
  if (spec.type === 'float' && NAMED.test(text)) {
    return { kind: 'value', value: text };
  }
  if (spec.type === 'int' ? !INTEGER.test(text) : !NUMBER.test(text)) {
    return wrong(
      spec.type === 'int'
        ? trans.__('A whole number is needed, such as 10.')
        : trans.__('A number is needed, such as 0.1 or 1e-3.')
    );
  }
  const value = Number(text);
  if (spec.type === 'int' && !Number.isSafeInteger(value)) {
    // Python's integers go on where JavaScript's end: the digits travel as text.
    return { kind: 'value', value: text };
  }
  const { minimum, maximum } = spec;
  if (minimum !== null && value < minimum) {
    return wrong(trans.__('At least %1 is needed.', minimum));
  }
  if (minimum !== null && value === minimum && spec.exclusive_minimum) {
    return wrong(trans.__('More than %1 is needed.', minimum));
  }
  if (maximum !== null && value > maximum) {
    return wrong(trans.__('At most %1 is allowed.', maximum));
  }
  if (maximum !== null && value === maximum && spec.exclusive_maximum) {
    return wrong(trans.__('Less than %1 is needed.', maximum));
  }
  return { kind: 'value', value };
}

function readJson(
  spec: ParameterSpec,
  field: string,
  trans: TranslationBundle
): Meaning {
  let value: unknown;
  try {
    value = JSON.parse(field);
  } catch (reason) {
    if (spec.type === 'json' || spec.type === 'none') {
      return { kind: 'value', value: field };
    }
    return {
      kind: 'error',
      message: trans.__(
        'This is not JSON: %1',
        reason instanceof Error ? reason.message : ''
      )
    };
  }
  const isList = Array.isArray(value);
  if (['list', 'tuple', 'set'].includes(spec.type) && !isList) {
    return {
      kind: 'error',
      message: trans.__('A list is needed, such as [1, 2].')
    };
  }
  const isObject = typeof value === 'object' && value !== null && !isList;
  if (spec.type === 'dict' && !isObject) {
    return {
      kind: 'error',
      message: trans.__('A mapping is needed, such as {"a": 1}.')
    };
  }
  return { kind: 'value', value };
}
