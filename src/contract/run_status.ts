/** Which states of a run are not its last. */
import type { RunStatus, RunSummary } from './types';

/** The states that a run leaves again by itself. */
const ACTIVE: readonly RunStatus[] = ['SCHEDULED', 'RUNNING'];

/** Tell whether a run in this state still goes on. */
export function isActive(run: { status: RunStatus }): boolean {
  return ACTIVE.includes(run.status);
}

/** Tell whether a run goes on and this server can end it; what a client keeps, only that client ends. */
export function isOurs(
  run: Pick<RunSummary, 'status' | 'source_type'>
): boolean {
  return isActive(run) && run.source_type !== 'client';
}
