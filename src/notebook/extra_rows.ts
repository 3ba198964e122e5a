/** Parameters that the notebook does not declare: rows of a key and a value, as on a command line. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { readOpen, writeOpen } from '../contract/open_value';
import type { Json, Run } from '../contract/types';

export interface IExtraRow {
  /** Tells rows apart while their keys change. */
  id: number;
  key: string;
  /** JSON or text. */
  value: string;
}

/** The rows as the request has them, and what is wrong with some of them by their id. */
export interface IReadRows {
  parameters: Record<string, Json>;
  errors: Record<number, string>;
}

/** Rows that hold these values. */
export function rowsOf(values: Readonly<Record<string, Json>>): IExtraRow[] {
  return Object.entries(values).map(([key, value], id) => ({
    id,
    key,
    value: writeOpen(value)
  }));
}

/** The rows and one more, blank one. */
export function withBlankRow(rows: readonly IExtraRow[]): IExtraRow[] {
  const id = Math.max(-1, ...rows.map(row => row.id)) + 1;
  return [...rows, { id, key: '', value: '' }];
}

/** Read all rows; a row that was left blank does not count. `taken` are the keys of fields. */
export function readRows(
  rows: readonly IExtraRow[],
  taken: readonly string[],
  trans: TranslationBundle
): IReadRows {
  const parameters = new Map<string, Json>();
  const errors: Record<number, string> = {};
  for (const { id, value, ...row } of rows) {
    const key = row.key.trim();
    if (!key && !value.trim()) {
      continue;
    }
    if (!key) {
      errors[id] = trans.__('A key is needed.');
    } else if (parameters.has(key) || taken.includes(key)) {
      errors[id] = trans.__('There is a parameter of this key already.');
    } else if (!value.trim()) {
      errors[id] = trans.__('A value is needed; "" is empty text.');
    } else {
      parameters.set(key, readOpen(value));
    }
  }
  return { parameters: Object.fromEntries(parameters), errors };
}

/** Empty the rows whose values were secrets: only the server knows which of the keys are. */
export function forgetSecretRows(rows: readonly IExtraRow[], run: Run): void {
  const secrets = new Set(
    run.parameters.filter(({ secret }) => secret).map(({ key }) => key)
  );
  for (const row of rows) {
    row.value = secrets.has(row.key.trim()) ? '' : row.value;
  }
}
