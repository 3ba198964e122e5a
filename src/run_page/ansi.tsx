/** Terminal colours as class names, which JupyterLab's themes give a colour. */
import { memo } from 'react';

/** Select Graphic Rendition: ECMA-48, 8.3.117; other escape sequences are dropped. */
// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const ESCAPE = /\u001b\[([0-9;]*)([A-Za-z])/g;
const COLOURS = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white'
];

export interface IAnsiPiece {
  text: string;
  className: string;
}

/** An escape sequence of which the rest is still to come. */
// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const UNFINISHED = /\u001b(\[[0-9;]{0,40})?$/;

/** Splits text that arrives piece by piece at its escape sequences; colours go on from one piece to the next. */
export class AnsiReader {
  read(more: string): IAnsiPiece[] {
    const arrived = this._rest + more;
    this._rest = UNFINISHED.exec(arrived)?.[0] ?? '';
    const text = arrived.slice(0, arrived.length - this._rest.length);
    const pieces: IAnsiPiece[] = [];
    let end = 0;
    const push = (piece: string): void => {
      if (piece) {
        pieces.push({ text: piece, className: this._className() });
      }
    };
    for (const match of text.matchAll(ESCAPE)) {
      push(text.slice(end, match.index));
      end = match.index + match[0].length;
      if (match[2] === 'm') {
        (match[1] || '0').split(';').map(Number).forEach(this._select);
      }
    }
    push(text.slice(end));
    return pieces;
  }

  private _className(): string {
    return [this._colour, this._isBold ? 'ansi-bold' : '']
      .filter(Boolean)
      .join(' ');
  }

  private readonly _select = (code: number): void => {
    if (code === 0) {
      this._colour = '';
      this._isBold = false;
    } else if (code === 1) {
      this._isBold = true;
    } else if (code === 22) {
      this._isBold = false;
    } else if (code === 39) {
      this._colour = '';
    } else if (code >= 30 && code <= 37) {
      this._colour = `ansi-${COLOURS[code - 30]}-fg`;
    } else if (code >= 90 && code <= 97) {
      this._colour = `ansi-${COLOURS[code - 90]}-intense-fg`;
    }
  };

  private _rest = '';
  private _colour = '';
  private _isBold = false;
}

/** Show text with its colours. */
export const AnsiText = memo(function AnsiText({
  pieces
}: {
  pieces: readonly IAnsiPiece[];
}): JSX.Element {
  return (
    <>
      {pieces.map((piece, index) =>
        piece.className ? (
          <span key={index} className={piece.className}>
            {piece.text}
          </span>
        ) : (
          piece.text
        )
      )}
    </>
  );
});
