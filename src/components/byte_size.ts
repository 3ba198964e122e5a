/** Sizes of files as short text, in units of 1000 as file browsers show them. */
const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** Write a number of bytes with three significant digits: `812 B`, `1.25 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) {
    return `${Math.round(bytes)} B`;
  }
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${Number(size.toPrecision(3))} ${UNITS[unit]}`;
}
