/** Moments in the past as short text: `just now`, `5 min ago`, `yesterday`, then the date. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { languageOf } from './translation';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Say in the user's language how long `time` (milliseconds since the epoch) is ago. */
export function formatTimeAgo(
  time: number,
  now: number,
  trans: TranslationBundle
): string {
  const language = languageOf(trans);
  const age = Math.max(0, now - time);
  const relative = new Intl.RelativeTimeFormat(language, {
    numeric: 'auto',
    style: 'short'
  });
  if (age < 45_000) {
    return relative.format(0, 'second');
  }
  if (age < HOUR) {
    return relative.format(-Math.max(1, Math.round(age / MINUTE)), 'minute');
  }
  if (age < DAY) {
    return relative.format(-Math.round(age / HOUR), 'hour');
  }
  if (age < 7 * DAY) {
    return relative.format(-Math.round(age / DAY), 'day');
  }
  return new Date(time).toLocaleDateString(language, { dateStyle: 'medium' });
}

/** The exact moment for a tooltip, in the user's language and time zone. */
export function formatMoment(time: number, trans: TranslationBundle): string {
  return new Date(time).toLocaleString(languageOf(trans), {
    dateStyle: 'medium',
    timeStyle: 'medium'
  });
}
