/** How far a run is, as its glyph draws it and its row says it. */
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
