/** How far a run is: as its glyph draws it, and in the words of list, page and Running panel. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunSummary } from '../contract/types';

/** The share of code cells done, 0 to 1; null when the number of cells is not known. */
export function runProgress({
  progress
}: Pick<RunSummary, 'progress'>): number | null {
  return progress.cells_total > 0
    ? Math.min(1, progress.cells_done / progress.cells_total)
    : null;
}

/** The code cell that is at work, counted from 1. */
export function cellAtWork({ progress }: Pick<RunSummary, 'progress'>): number {
  return Math.min(progress.cells_done + 1, progress.cells_total);
}

/** Say what a run that has not ended is at. */
export function progressText(
  run: Pick<
    RunSummary,
    'status' | 'progress' | 'queue_position' | 'cancel_requested'
  >,
  trans: TranslationBundle
): string {
  if (run.cancel_requested) {
    return trans.__('Cancelling…');
  }
  if (run.status === 'SCHEDULED') {
    return run.queue_position === null
      ? trans.__('Queued')
      : trans.__('Queued, number %1', run.queue_position);
  }
  return run.progress.cells_total > 0
    ? trans.__('Cell %1 of %2', cellAtWork(run), run.progress.cells_total)
    : trans.__('Running');
}
