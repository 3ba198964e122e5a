/** JSON laid out for reading: only blanks change, so that no number is rounded and no key is lost. */

/** Beyond this depth lines go no further to the right: what is nested without end must not fill the memory. */
const DEEPEST = 40;
const SPACE = /\s/;

/** Put each value on a line of its own; text that is not JSON (cut off, broken) stays as it is. */
export function indentedJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const pieces: string[] = [];
  let depth = 0;
  const newLine = (): void => {
    pieces.push('\n', '  '.repeat(Math.min(depth, DEEPEST)));
  };
  for (let index = 0; index < text.length; index++) {
    const char = text[index] ?? '';
    if (char === '"') {
      const end = endOfString(text, index);
      pieces.push(text.slice(index, end));
      index = end - 1;
    } else if (char === '{' || char === '[') {
      pieces.push(char);
      const closing = afterBlanks(text, index + 1);
      if (text[closing] === '}' || text[closing] === ']') {
        pieces.push(text[closing] ?? '');
        index = closing;
      } else {
        depth += 1;
        newLine();
      }
    } else if (char === '}' || char === ']') {
      depth -= 1;
      newLine();
      pieces.push(char);
    } else if (char === ',') {
      pieces.push(char);
      newLine();
    } else if (char === ':') {
      pieces.push(': ');
    } else if (!SPACE.test(char)) {
      pieces.push(char);
    }
  }
  return pieces.join('');
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') {
    end += text[end] === '\\' ? 2 : 1;
  }
  return end + 1;
}

function afterBlanks(text: string, start: number): number {
  let index = start;
  while (SPACE.test(text[index] ?? '')) {
    index += 1;
  }
  return index;
}
