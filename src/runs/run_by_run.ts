/** One call for one run after the other: many tell how far they are, and show their answers in batches. */
import { Notification } from '@jupyterlab/apputils';

import { errorMessage } from '../contract/errors';

/** Up to this many are done before anybody wonders. */
const FEW = 5;
/** Milliseconds between two looks at how far many are. */
const PACE = 250;
/** Milliseconds for which a refusal stays. */
const REFUSAL = 8000;

export interface IRunByRun<T> {
  runIds: readonly string[];
  call: (runId: string) => Promise<T>;
  /** Show what was answered, before all is done where there is much of it. */
  show: (answers: readonly T[]) => void;
  /** Say how far it is. */
  words: (done: number, all: number) => string;
}

/** Make the calls; each kind of refusal is said once. Gives the ids of those that went well. */
export async function runByRun<T>({
  runIds,
  call,
  show,
  words
}: IRunByRun<T>): Promise<string[]> {
  const all = runIds.length;
  const done: string[] = [];
  const refusals = new Set<string>();
  const notice = all > FEW ? begin(words(0, all)) : null;
  let answers: T[] = [];
  let shown = Date.now();
  const showAnswers = (): void => {
    if (answers.length > 0) {
      show(answers);
      answers = [];
    }
    shown = Date.now();
  };
  for (const [index, runId] of runIds.entries()) {
    try {
      answers.push(await call(runId));
      done.push(runId);
    } catch (reason) {
      refusals.add(errorMessage(reason));
    }
    if (notice === null) {
      showAnswers();
    } else if (Date.now() - shown >= PACE) {
      showAnswers();
      Notification.update({
        id: notice,
        message: words(index + 1, all),
        progress: (index + 1) / all
      });
    }
  }
  showAnswers();
  if (notice !== null) {
    Notification.dismiss(notice);
  }
  for (const refusal of refusals) {
    Notification.error(refusal, { autoClose: REFUSAL });
  }
  return done;
}

function begin(message: string): string {
  return Notification.emit(message, 'in-progress', {
    autoClose: false,
    progress: 0
  });
}
