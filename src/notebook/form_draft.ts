/** What was typed into a form, from its first filling to the request that it becomes. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { isSame } from '../contract/exact_json';
import type {
  Json,
  NotebookInspection,
  ParameterSpec
} from '../contract/types';
import { type IExtraRow, readRows, rowsOf } from './extra_rows';
import {
  defaultField,
  fieldKind,
  type FieldValue,
  fits,
  readField,
  toField
} from './field_value';
import { FormErrors } from './form_errors';
import {
  freshOptions,
  type IFormDefaults,
  type IFormOptions,
  type IProposedCopy,
  NO_DEFAULTS,
  proposedCopy,
  readTimeLimit
} from './form_options';

/** Fields by parameter, without secrets, the rows of further parameters, and the options. */
export interface IFormDraft {
  /** What the fields were filled for. */
  specs: readonly ParameterSpec[];
  fields: Record<string, FieldValue>;
  /** Null where the notebook takes no parameters but its own. */
  rows: IExtraRow[] | null;
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

/** What the form is before its notebook is read. */
export function noDraft(): IFormDraft {
  return {
    specs: [],
    fields: {},
    rows: null,
    options: freshOptions(NO_DEFAULTS, null, null),
    proposedCopy: null
  };
}

/** A form as the notebook gives it, with the values used last. */
export function freshDraft(
  specs: readonly ParameterSpec[],
  form: NotebookInspection,
  isClone: boolean,
  defaults: IFormDefaults
): IFormDraft {
  // The fields of a clone start from the run's values already.
  const lastUsed = isClone ? {} : form.last_used;
  const keys = specs.map(({ key }) => key);
  const today = new Date().toISOString().slice(0, 10);
  const copy = proposedCopy(defaults, form.path, today);
  const others = Object.entries(lastUsed).filter(
    ([key]) => !keys.includes(key)
  );
  return {
    specs,
    fields: freshFields(specs, lastUsed),
    rows: form.reads_parameters ? null : rowsOf(Object.fromEntries(others)),
    options: freshOptions(defaults, form, copy),
    proposedCopy: copy
  };
}

/** The fields of a fresh form: values used last where there are some, else the defaults. */
export function freshFields(
  specs: readonly ParameterSpec[],
  lastUsed: Readonly<Record<string, Json>>
): Record<string, FieldValue> {
  return Object.fromEntries(
    specs.map(spec => [
      spec.key,
      Object.hasOwn(lastUsed, spec.key)
        ? toField(spec, lastUsed[spec.key])
        : defaultField(spec)
    ])
  );
}

/**
 * Bring a draft in line with an edited notebook.
 *
 * What was typed stays where it still means a value of the parameter; everything else follows the notebook.
 */
export function renewDraft(
  draft: IFormDraft,
  now: readonly ParameterSpec[],
  readsParameters: boolean,
  trans: TranslationBundle
): void {
  const { fields, specs } = draft;
  const known = new Map(specs.map(spec => [spec.key, spec]));
  draft.fields = Object.fromEntries(
    now.map(spec => {
      const old = known.get(spec.key);
      const field = fields[spec.key];
      return [
        spec.key,
        old && field !== undefined
          ? carried(old, spec, field, trans)
          : defaultField(spec)
      ];
    })
  );
  draft.rows = readsParameters ? null : (draft.rows ?? []);
  draft.specs = now;
}

/** A field of a parameter that was declared as `old` and now is as `spec`. */
function carried(
  old: ParameterSpec,
  spec: ParameterSpec,
  field: FieldValue,
  trans: TranslationBundle
): FieldValue {
  if (isSame(old, spec)) {
    return field;
  }
  if (field === defaultField(old)) {
    return defaultField(spec);
  }
  const isSameInput =
    fieldKind(old) === fieldKind(spec) && (field !== null || spec.nullable);
  if (isSameInput && readField(spec, field, trans).kind === 'value') {
    return field;
  }
  const meaning = readField(old, field, trans);
  return meaning.kind === 'value' && fits(spec, meaning.value, trans)
    ? toField(spec, meaning.value)
    : defaultField(spec);
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
  return meaning.kind === 'error' || isGiven(spec, meaning);
}

/** Whether a meaning is a value that the notebook does not have by itself. */
function isGiven(
  spec: ParameterSpec,
  meaning: ReturnType<typeof readField>
): meaning is { kind: 'value'; value: Json } {
  return (
    meaning.kind === 'value' &&
    !(spec.default_known && isSame(meaning.value, spec.default))
  );
}

/** Read the whole form: a request, or what is wrong. */
export function readForm(
  draft: IFormDraft,
  field: (key: string) => FieldValue,
  trans: TranslationBundle
): IFormRequest | FormErrors {
  const errors = new FormErrors();
  const given: Record<string, Json> = {};
  for (const spec of draft.specs) {
    const meaning = readField(spec, field(spec.key), trans);
    if (meaning.kind === 'error') {
      errors.parameters[spec.key] = meaning.message;
    } else if (isGiven(spec, meaning)) {
      given[spec.key] = meaning.value;
    }
  }
  const keys = draft.specs.map(({ key }) => key);
  const rows = readRows(draft.rows ?? [], keys, trans);
  Object.assign(errors.rows, rows.errors);
  const { seconds, error } = readTimeLimit(draft.options, trans);
  if (error) {
    errors.options.timeLimit = error;
  }
  return errors.isEmpty
    ? { parameters: { ...given, ...rows.parameters }, timeLimit: seconds }
    : errors;
}
