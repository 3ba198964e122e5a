/** One call for one run after the other: many tell how far they are, can be stopped, and show their answers in batches. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { errorMessage } from '../contract/errors';
import { WorkNotice } from './work_notice';

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
  /** The user stopped before this run: it is as it was. */
  spare?: (runId: string) => void;
  trans: TranslationBundle;
}

/** Make the calls until the user stops them; each kind of refusal is said once. Gives the ids of those that went well. */
export async function runByRun<T>({
  runIds,
  call,
  show,
  words,
  spare,
  trans
}: IRunByRun<T>): Promise<string[]> {
  const all = runIds.length;
  const done: string[] = [];
  const refusals = new Set<string>();
  const notice = all > FEW ? new WorkNotice(words(0, all), trans) : null;
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
    } else if (notice.isStopped) {
      for (const spared of runIds.slice(index + 1)) {
        spare?.(spared);
      }
      break;
    } else if (Date.now() - shown >= PACE) {
      showAnswers();
      notice.tell(words(index + 1, all), (index + 1) / all);
    }
  }
  showAnswers();
  notice?.end(done.length, all);
  for (const refusal of refusals) {
    Notification.error(refusal, { autoClose: REFUSAL });
  }
  return done;
}
