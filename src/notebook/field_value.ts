/** What stands in the field of a parameter, and the JSON value that it means. */
import type { TranslationBundle } from '@jupyterlab/translation';

import {
  ExactNumber,
  floatNumber,
  isSame,
  parseExact,
  wholeNumber,
  writeJson
} from '../contract/exact_json';
import { readOpen, writeLong } from '../contract/open_value';
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
      return spec.nullable || !spec.default_known ? 'choice' : 'switch';
    case 'int':
    case 'float':
      return 'number';
    case 'date':
      return 'date';
    case 'datetime':
      return typeof spec.default !== 'string' || isLocalTime(spec.default)
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

/** Whether a browser's input for date and time can show this text. */
export function isLocalTime(text: string): boolean {
  return LOCAL_TIME.test(text);
}

/** Whether a parameter takes any JSON value. */
export function isOpen({ type, secret }: ParameterSpec): boolean {
  return !secret && (type === 'json' || type === 'none');
}

/** What a choice field offers; a boolean without a default is a choice of two. */
export function choicesOf(spec: ParameterSpec): readonly Json[] {
  return spec.choices ?? [true, false];
}

/** What stands in the field of a parameter that nobody touched. */
export function defaultField(spec: ParameterSpec): FieldValue {
  return spec.default_known ? toField(spec, spec.default) : '';
}

/** Write a JSON value into the field of its parameter. */
export function toField(spec: ParameterSpec, value: Json): FieldValue {
  const kind = fieldKind(spec);
  if (kind === 'secret') {
    return '';
  }
  if (value === null && spec.nullable) {
    return null;
  }
  if (value === undefined || (value === null && !isOpen(spec))) {
    return '';
  }
  switch (kind) {
    case 'switch':
      return value === true;
    case 'choice':
      return writeJson(value);
    case 'json':
      return writeLong(value);
    case 'number':
    case 'date':
    case 'datetime':
    case 'text':
      return typeof value === 'string' ? value : writeJson(value);
  }
}

/** Tell whether a value goes through the field of a parameter unchanged. */
export function fits(
  spec: ParameterSpec,
  value: Json,
  trans: TranslationBundle
): boolean {
  const meaning = readField(spec, toField(spec, value), trans);
  return meaning.kind === 'value' && isSame(meaning.value, value);
}

/** Read what a field means; a mistake is said in the user's words. */
export function readField(
  spec: ParameterSpec,
  field: FieldValue,
  trans: TranslationBundle
): Meaning {
  if (field === null) {
    return spec.secret
      ? readText(spec, '', trans)
      : { kind: 'value', value: null };
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
      return readChoice(spec, field, trans);
    case 'secret':
    case 'text':
      return readText(spec, field, trans);
    case 'switch':
    case 'date':
    case 'datetime':
      return { kind: 'value', value: field };
  }
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
    const message = spec.secret
      ? trans.__('A value is needed: secrets are not stored.')
      : trans.__('A value is needed.');
    return { kind: 'error', message };
  }
  // Blank where the notebook computes the default: leave it to the notebook.
  return spec.secret || !spec.default_known || spec.type !== 'str'
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
  if (!Number.isFinite(value)) {
    return wrong(trans.__('This number is too large.'));
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
  return {
    kind: 'value',
    value: spec.type === 'int' ? wholeNumber(text) : floatNumber(value)
  };
}

function readChoice(
  spec: ParameterSpec,
  field: string,
  trans: TranslationBundle
): Meaning {
  const value = parseExact(field);
  return choicesOf(spec).some(choice => isSame(choice, value))
    ? { kind: 'value', value }
    : { kind: 'error', message: trans.__('Choose one of the list.') };
}

function readJson(
  spec: ParameterSpec,
  field: string,
  trans: TranslationBundle
): Meaning {
  if (isOpen(spec)) {
    return { kind: 'value', value: readOpen(field) };
  }
  let value: Json;
  try {
    value = parseExact(field);
  } catch (reason) {
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
  const isObject =
    typeof value === 'object' &&
    value !== null &&
    !isList &&
    !(value instanceof ExactNumber);
  if (spec.type === 'dict' && !isObject) {
    return {
      kind: 'error',
      message: trans.__('A mapping is needed, such as {"a": 1}.')
    };
  }
  return { kind: 'value', value };
}
