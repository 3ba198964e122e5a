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

/** Split text at its escape sequences. */
export function ansiPieces(text: string): IAnsiPiece[] {
  const pieces: IAnsiPiece[] = [];
  let colour = '';
  let isBold = false;
  let end = 0;
  const push = (piece: string): void => {
    if (piece) {
      const className = [colour, isBold ? 'ansi-bold' : '']
        .filter(Boolean)
        .join(' ');
      pieces.push({ text: piece, className });
    }
  };
  for (const match of text.matchAll(ESCAPE)) {
    push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] !== 'm') {
      continue;
    }
    for (const code of (match[1] || '0').split(';').map(Number)) {
      if (code === 0) {
        colour = '';
        isBold = false;
      } else if (code === 1) {
        isBold = true;
      } else if (code === 22) {
        isBold = false;
      } else if (code === 39) {
        colour = '';
      } else if (code >= 30 && code <= 37) {
        colour = `ansi-${COLOURS[code - 30]}-fg`;
      } else if (code >= 90 && code <= 97) {
        colour = `ansi-${COLOURS[code - 90]}-intense-fg`;
      }
    }
  }
  push(text.slice(end));
  return pieces;
}

/** Show text with its colours. */
export const AnsiText = memo(function AnsiText({
  text
}: {
  text: string;
}): JSX.Element {
  return (
    <>
      {ansiPieces(text).map((piece, index) =>
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
