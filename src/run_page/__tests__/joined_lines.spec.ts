import type { ICell, IOutput } from '@jupyterlab/nbformat';

import { withJoinedLines } from '../joined_lines';

const cell = (output: Partial<IOutput>): ICell => ({
  cell_type: 'code',
  metadata: {},
  source: ['a\n', 'b'],
  outputs: [output as IOutput]
});
const [LINES, WHOLE] = [['a\n', 'b'], 'a\nb'];

describe('a cell of a notebook file', () => {
  it.each([
    ['text/plain', LINES, WHOLE],
    ['image/svg+xml', LINES, WHOLE],
    ['application/javascript', LINES, WHOLE],
    ['text/plain', WHOLE, WHOLE],
    ['application/json', LINES, LINES],
    ['application/vnd.vega.v5+json', LINES, LINES]
  ])(
    'has its outputs whole, and JSON as it was: %s',
    (type, data, expected) => {
      const output = { output_type: 'display_data', data: { [type]: data } };
      expect(withJoinedLines(cell(output)).outputs).toEqual([
        { ...output, data: { [type]: expected } }
      ]);
    }
  );

  it('has its source and what was printed whole, and frames of a traceback apart', () => {
    const whole = withJoinedLines(cell({ text: LINES, traceback: LINES }));
    expect(whole.source).toBe(WHOLE);
    expect(whole.outputs).toEqual([{ text: WHOLE, traceback: LINES }]);
  });

  it('is not changed itself: the copy that is saved is of the file', () => {
    const file = cell({ text: LINES });
    withJoinedLines(file);
    expect(file).toEqual(cell({ text: LINES }));
  });
});
