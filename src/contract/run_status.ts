/** Which states of a run are not its last. */
import type { RunStatus } from './types';

/** The states that a run leaves again by itself. */
const ACTIVE: readonly RunStatus[] = ['SCHEDULED', 'RUNNING'];

/** Tell whether a run in this state still goes on. */
export function isActive(run: { status: RunStatus }): boolean {
  return ACTIVE.includes(run.status);
}
