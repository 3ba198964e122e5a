/** What the list is filtered by: as a question to the server, and as a test of a run that is known. */
import type { IRunQuery } from '../contract/client';
import type { RunSummary } from '../contract/types';
import type { IRunFilter } from './tokens';

export const NO_FILTER: IRunFilter = {
  experimentId: null,
  status: [],
  search: '',
  deleted: false
};

/** The question for one page. */
export function queryOf(
  { experimentId, status, search, deleted }: IRunFilter,
  limit: number,
  cursor?: string
): IRunQuery {
  return {
    experiment_id: experimentId ?? undefined,
    status: status.length > 0 ? status : undefined,
    q: search.trim() || undefined,
    deleted: deleted || undefined,
    cursor,
    limit
  };
}

/** Whether a run that was in the list belongs there still; what a search finds is the server's to say. */
export function belongsTo(
  { experimentId, status, deleted }: IRunFilter,
  run: RunSummary
): boolean {
  return (
    (run.deleted_at !== null) === deleted &&
    (experimentId === null || run.experiment_id === experimentId) &&
    (status.length === 0 || status.includes(run.status))
  );
}
