import { csvCell, toCsv } from '../csv';
import { csvRows } from '../csv_rows';

describe('written CSV', () => {
  it.each(['=1+1', '+1', '-cmd', '@SUM(A1)', '\t=1', '\r=1'])(
    'disarms the formula %j',
    formula => {
      expect(csvCell(formula).replace(/^"/, '')).toMatch(/^'/);
    }
  );

  it('leaves numbers alone, negative ones too', () => {
    expect(csvCell(-1.5)).toBe('-1.5');
  });

  it('quotes what would end a cell', () => {
    expect(toCsv([['a,b', 'say "x"', 'two\nlines', 'plain']])).toBe(
      '"a,b","say ""x""","two\nlines",plain\r\n'
    );
  });

  it('is read back as it was written', () => {
    const rows = [
      ['name', 'text'],
      ['a', 'x, "y"\r\nz'],
      ['', 'only the second']
    ];
    expect(csvRows(toCsv(rows), ',', 10)).toEqual(rows);
  });
});

describe('read CSV', () => {
  it('ends rows at any line end, the last one without', () => {
    expect(csvRows('a,b\r\n1,2\n3,4', ',', 10)).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4']
    ]);
  });

  it('stops at the limit', () => {
    expect(csvRows('a\nb\nc\nd', ',', 2)).toEqual([['a'], ['b']]);
  });

  it('takes a quote inside a cell for a character', () => {
    expect(csvRows('5" pipe,x', ',', 5)).toEqual([['5" pipe', 'x']]);
  });

  it('skips empty lines and keeps empty cells', () => {
    expect(csvRows('a\tb\n\n\tc\n', '\t', 5)).toEqual([
      ['a', 'b'],
      ['', 'c']
    ]);
  });
});
