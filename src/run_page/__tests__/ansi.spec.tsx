import { render } from '@testing-library/react';

import { AnsiReader, AnsiText, type IAnsiPiece } from '../ansi';

const ansiPieces = (text: string): IAnsiPiece[] => new AnsiReader().read(text);

describe('terminal colours', () => {
  it('become class names', () => {
    expect(ansiPieces('a\u001b[31mb\u001b[1mc\u001b[0md')).toEqual([
      { text: 'a', className: '' },
      { text: 'b', className: 'ansi-red-fg' },
      { text: 'c', className: 'ansi-red-fg ansi-bold' },
      { text: 'd', className: '' }
    ]);
  });

  it('are bright, ended and combined', () => {
    expect(ansiPieces('\u001b[1;94mx\u001b[22my\u001b[39mz')).toEqual([
      { text: 'x', className: 'ansi-blue-intense-fg ansi-bold' },
      { text: 'y', className: 'ansi-blue-intense-fg' },
      { text: 'z', className: '' }
    ]);
  });

  it('end with an empty sequence', () => {
    expect(ansiPieces('\u001b[32mx\u001b[my')[1]).toEqual({
      text: 'y',
      className: ''
    });
  });

  it('come without the sequences that move the cursor', () => {
    expect(ansiPieces('a\u001b[2Kb\u001b[10;5Hc').map(p => p.text)).toEqual([
      'a',
      'b',
      'c'
    ]);
  });

  it('go on in what arrives later, also when it was cut inside a sequence', () => {
    const reader = new AnsiReader();
    expect(reader.read('\u001b[31mred\u001b[3')).toEqual([
      { text: 'red', className: 'ansi-red-fg' }
    ]);
    expect(reader.read('2mgreen')).toEqual([
      { text: 'green', className: 'ansi-green-fg' }
    ]);
    expect(reader.read('still')).toEqual([
      { text: 'still', className: 'ansi-green-fg' }
    ]);
  });

  it('never make elements of what was printed', () => {
    const { container } = render(
      <AnsiText
        pieces={ansiPieces('\u001b[31m<img src=x onerror="window.canary = 1">')}
      />
    );
    expect(container.querySelector('img')).toBeNull();
    expect(container.textContent).toContain('<img src=x');
  });
});
