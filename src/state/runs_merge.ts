/** Joining what was read anew with the rows loaded before. */
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

/**
 * Put `changed` runs in the places of their older versions; those that no longer `belongs` go.
 *
 * With `canAdd`, runs that are newer than all rows come on top. Gives `loaded` itself when nothing
 * is new.
 */
export function mergeChanged(
  changed: readonly RunSummary[],
  loaded: readonly RunSummary[],
  belongs: (run: RunSummary) => boolean,
  canAdd: boolean
): readonly RunSummary[] {
  const latest = new Map(changed.map(run => [run.run_id, run]));
  const runs: RunSummary[] = [];
  let isNew = false;
  for (const row of loaded) {
    const run = latest.get(row.run_id);
    latest.delete(row.run_id);
    if (!run || run === row || run.version < row.version) {
      runs.push(row);
      continue;
    }
    isNew = true;
    if (belongs(run)) {
      runs.push(run);
    }
  }
  const newest = loaded[0]?.created_at ?? 0;
  const added = canAdd
    ? [...latest.values()].filter(
        run => belongs(run) && run.created_at >= newest
      )
    : [];
  return isNew || added.length > 0 ? [...added, ...runs] : loaded;
}
