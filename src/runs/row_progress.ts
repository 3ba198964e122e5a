/** How much of a run is done, as its glyph and bars draw it. */
import type { RunSummary } from '../contract/types';

/** The share of code cells done, 0 to 1; null when the number of cells is not known. */
export function rowProgress({
  progress
}: Pick<RunSummary, 'progress'>): number | null {
  return progress.cells_total > 0
    ? Math.min(1, progress.cells_done / progress.cells_total)
    : null;
}
