/**
 * Lengths of time as short text: `45 ms`, `3.2 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`.
 *
 * The command line says the same: tests/corpus/durations.json holds both to it.
 */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Say how long `ms` milliseconds are, in at most two units. */
export function formatDuration(ms: number): string {
  const time = Math.max(0, ms);
  if (time < SECOND) {
    return `${Math.floor(time)} ms`;
  }
  if (time < 10 * SECOND) {
    return `${(Math.floor(time / 100) / 10).toFixed(1)} s`;
  }
  if (time < MINUTE) {
    return `${Math.floor(time / SECOND)} s`;
  }
  if (time < HOUR) {
    return two(time, MINUTE, 'min', SECOND, 's', 2);
  }
  if (time < DAY) {
    return two(time, HOUR, 'h', MINUTE, 'min', 2);
  }
  return two(time, DAY, 'd', HOUR, 'h', 1);
}

function two(
  time: number,
  big: number,
  bigName: string,
  small: number,
  smallName: string,
  digits: number
): string {
  const rest = Math.floor((time % big) / small);
  return `${Math.floor(time / big)} ${bigName} ${String(rest).padStart(digits, '0')} ${smallName}`;
}
