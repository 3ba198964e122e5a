/** Answers that hold values of parameters: what users see of these keeps its digits. */
import { parseExact } from './exact_json';
import type { NotebookInspection, Run } from './types';

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

/** Read a run; values of its parameters may be `ExactNumber`, all other numbers are plain. */
export function readRun(text: string): Run {
  const plain = JSON.parse(text) as Run;
  const exact = parseExact(text) as Run;
  return {
    ...plain,
    parameters: plain.parameters.map((parameter, index) => ({
      ...parameter,
      value: exact.parameters[index]?.value
    }))
  };
}
