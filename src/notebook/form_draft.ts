/** What was typed into a form, from its first filling to the request that it becomes. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Json, ParameterSpec } from '../contract/types';
import { type FieldValue, isSame, readField, toField } from './field_value';
import { FormErrors } from './form_errors';
import {
  type IFormOptions,
  type IProposedCopy,
  readTimeLimit
} from './form_options';

/** Fields by parameter, without secrets, and the options. */
export interface IFormDraft {
  /** What the fields were filled for. */
  specs: readonly ParameterSpec[];
  fields: Record<string, FieldValue>;
  options: IFormOptions;
  /** What the settings proposed for `saveTo` when the form was filled. */
  proposedCopy: IProposedCopy | null;
}

/** What a form asks the server for. */
export interface IFormRequest {
  /** Only what differs from the notebook: its other values stay its own. */
  parameters: Record<string, Json>;
  /** Seconds. */
  timeLimit: number | null;
}

/** The fields of a fresh form: values used last where there are some, else the defaults. */
export function freshFields(
  specs: readonly ParameterSpec[],
  lastUsed: Readonly<Record<string, Json>>
): Record<string, FieldValue> {
  return Object.fromEntries(
    specs.map(spec => [
      spec.name,
      toField(spec, spec.name in lastUsed ? lastUsed[spec.name] : spec.default)
    ])
  );
}

/** Bring a draft in line with an edited notebook: new and untouched ones follow it. */
export function renewDraft(
  draft: IFormDraft,
  now: readonly ParameterSpec[]
): void {
  const { fields, specs } = draft;
  const known = new Map(specs.map(spec => [spec.name, spec]));
  for (const spec of now) {
    const old = known.get(spec.name);
    const isUntouched = old && fields[spec.name] === toField(old, old.default);
    if (!(spec.name in fields) || isUntouched) {
      fields[spec.name] = toField(spec, spec.default);
    }
  }
  draft.specs = now;
}

/** Whether a field says something else than the default. */
export function differs(
  spec: ParameterSpec,
  field: FieldValue,
  trans: TranslationBundle
): boolean {
  if (spec.required && field === '') {
    return false;
  }
  const meaning = readField(spec, field, trans);
  return (
    meaning.kind === 'error' ||
    (meaning.kind === 'value' && !isSame(meaning.value, spec.default))
  );
}

/** Read the whole form: a request, or what is wrong. */
export function readForm(
  specs: readonly ParameterSpec[],
  field: (name: string) => FieldValue,
  options: IFormOptions,
  trans: TranslationBundle
): IFormRequest | FormErrors {
  const errors = new FormErrors();
  const parameters: Record<string, Json> = {};
  for (const spec of specs) {
    const meaning = readField(spec, field(spec.name), trans);
    if (meaning.kind === 'error') {
      errors.parameters[spec.name] = meaning.message;
    } else if (
      meaning.kind === 'value' &&
      (spec.required || spec.secret || !isSame(meaning.value, spec.default))
    ) {
      parameters[spec.name] = meaning.value;
    }
  }
  const { seconds, error } = readTimeLimit(options, trans);
  if (error) {
    errors.options.timeLimit = error;
  }
  return errors.isEmpty ? { parameters, timeLimit: seconds } : errors;
}
