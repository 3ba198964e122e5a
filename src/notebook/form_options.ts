/** What a run can be told beside its parameters: where it belongs, what runs it, how long it may. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { NotebookInspection } from '../contract/types';
import { isSameKernel } from './kernel_choice';

/** The options as they stand in the form; blank means the server's choice. */
export interface IFormOptions {
  experiment: string;
  name: string;
  kernelName: string;
  timeLimit: string;
  timeUnit: TimeUnit;
  saveTo: string;
  /** Whether MLflow logs by itself; null is what the user prefers. */
  autolog: boolean | null;
}

export type OptionName = keyof IFormOptions;

/** Seconds in each unit that the form offers. */
export const TIME_UNITS = { s: 1, min: 60, h: 3600 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;
const UNITS_LARGEST_FIRST: readonly (readonly [TimeUnit, number])[] = [
  ['h', TIME_UNITS.h],
  ['min', TIME_UNITS.min],
  ['s', TIME_UNITS.s]
];

/** What the user's settings propose. */
export interface IFormDefaults {
  /** Folder for executed notebooks; `{notebook}` and `{date}` are filled in; blank for none. */
  outputFolder: string;
  /** Minutes; 0 for no limit. */
  timeLimitMinutes: number;
}

export const NO_DEFAULTS: IFormDefaults = {
  outputFolder: '',
  timeLimitMinutes: 0
};

/** The options of a fresh form: as the notebook was run last, else as the settings propose. */
export function freshOptions(
  defaults: IFormDefaults,
  form: NotebookInspection | null,
  copy: IProposedCopy | null
): IFormOptions {
  const limit = form?.last_time_limit ?? defaults.timeLimitMinutes * 60;
  return {
    experiment: form?.last_experiment ?? form?.default_experiment ?? '',
    name: '',
    kernelName: kernelUsedLast(form),
    ...writeTimeLimit(limit),
    saveTo: copy?.path ?? '',
    autolog: null
  };
}

/** The kernel to choose because the notebook was run with it last; blank for the notebook's own. */
function kernelUsedLast(form: NotebookInspection | null): string {
  const last = form?.last_kernel_name ?? '';
  return isSameKernel(last, form?.kernel_name ?? null) ? '' : last;
}

/** A time limit as a person would write it; blank for none. */
export function writeTimeLimit(
  seconds: number
): Pick<IFormOptions, 'timeLimit' | 'timeUnit'> {
  if (seconds <= 0) {
    return { timeLimit: '', timeUnit: 'min' };
  }
  const whole = ([unit, length]: readonly [TimeUnit, number]): boolean =>
    unit === 's' || seconds % length === 0;
  const [timeUnit, length] = UNITS_LARGEST_FIRST.find(whole) ?? ['s', 1];
  return { timeLimit: String(seconds / length), timeUnit };
}

/** Where the settings put a copy of the executed notebook. */
export interface IProposedCopy {
  /** Made by the server if it is missing; empty for the root of the file browser. */
  folder: string;
  /** In it, under the notebook's name; the server adds a number if that is taken. */
  path: string;
}

/** Where a copy of the executed notebook would go; null where the user chose no folder. */
export function proposedCopy(
  { outputFolder }: IFormDefaults,
  path: string,
  today: string
): IProposedCopy | null {
  if (!outputFolder.trim()) {
    return null;
  }
  const stem = stemOf(path);
  const folder = outputFolder
    .trim()
    .replaceAll('{notebook}', stem)
    .replaceAll('{date}', today)
    .replace(/^\/+|\/+$/g, '');
  return { folder, path: `${folder && `${folder}/`}${stem}-executed.ipynb` };
}

/** A notebook's name without folder and ending. */
export function stemOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.ipynb$/, '');
}

/** What a request says of the copy: a name that somebody typed, or the folder of the settings. */
export function requestedCopy(
  saveTo: string,
  proposed: IProposedCopy | null
): { save_to: string | null; save_to_folder: string | null } {
  const path = saveTo.trim() || null;
  return path !== null && path === proposed?.path
    ? { save_to: null, save_to_folder: proposed.folder }
    : { save_to: path, save_to_folder: null };
}

/** A unit as users read it beside a number. */
export function unitName(unit: TimeUnit, trans: TranslationBundle): string {
  switch (unit) {
    case 's':
      return trans.__('s');
    case 'min':
      return trans.__('min');
    case 'h':
      return trans.__('h');
  }
}

/** The time limit in seconds, null for none, or what is wrong with it. */
export function readTimeLimit(
  { timeLimit, timeUnit }: IFormOptions,
  trans: TranslationBundle
): { seconds: number | null; error: string | null } {
  const text = timeLimit.trim();
  if (!text) {
    return { seconds: null, error: null };
  }
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    return { seconds: null, error: trans.__('A time above 0 is needed.') };
  }
  return { seconds: value * TIME_UNITS[timeUnit], error: null };
}
