/** Joining a freshly read head of the list with the rows loaded before. */
import type { RunSummary } from '../contract/types';

/** Rows after a merge; when not `joined`, only the head is left and paging starts after it. */
export interface IMerged {
  runs: readonly RunSummary[];
  joined: boolean;
}

/**
 * Put `head` in place of the rows it covers and keep the loaded rows below it.
 *
 * What the head does not name although it covers its place has left the list. `more` says that
 * the list goes on after the head.
 */
export function mergeHead(
  head: readonly RunSummary[],
  loaded: readonly RunSummary[],
  more: boolean
): IMerged {
  const last = head.at(-1);
  if (!more || !last) {
    return { runs: head, joined: false };
  }
  const seam = loaded.findIndex(({ run_id }) => run_id === last.run_id);
  if (seam < 0) {
    return { runs: head, joined: false };
  }
  const named = new Set(head.map(({ run_id }) => run_id));
  const below = loaded
    .slice(seam + 1)
    .filter(({ run_id }) => !named.has(run_id));
  // With nothing loaded below the seam the head's own cursor goes on.
  return { runs: [...head, ...below], joined: below.length > 0 };
}
