/** Reading CSV for a preview: quotes, doubled quotes, line breaks inside quotes (RFC 4180). */

/** Parse at most `limit` rows of delimited text. */
export function csvRows(
  text: string,
  delimiter: string,
  limit: number
): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || cell !== '') {
      rows.push(row);
    }
    row = [];
    cell = '';
  };
  for (let index = 0; index < text.length && rows.length < limit; index++) {
    const char = text[index];
    if (isQuoted) {
      if (char !== '"') {
        cell += char;
      } else if (text[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else {
        isQuoted = false;
      }
    } else if (char === '"' && cell === '') {
      isQuoted = true;
    } else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      endRow();
    } else if (char !== '\r') {
      cell += char;
    }
  }
  if (rows.length < limit && (cell !== '' || row.length > 0)) {
    endRow();
  }
  return rows;
}
