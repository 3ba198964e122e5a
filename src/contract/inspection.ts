/** The form of a notebook as it is read from the wire: what users see of it keeps its digits. */
import { parseExact } from './exact_json';
import type { NotebookInspection } from './types';

/** Read an inspection; values of parameters may be `ExactNumber`, all other numbers are plain. */
export function readInspection(text: string): NotebookInspection {
  const plain = JSON.parse(text) as NotebookInspection;
  const exact = parseExact(text) as NotebookInspection;
  return {
    ...plain,
    last_used: exact.last_used,
    parameters: plain.parameters.map((spec, index) => ({
      ...spec,
      default: exact.parameters[index]?.default,
      choices: exact.parameters[index]?.choices ?? null
    }))
  };
}
