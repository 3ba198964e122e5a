import type { Run } from '../types';

/** A run with nothing special about it. */
export function aRun(change: Partial<Run> & { run_id: string }): Run {
  return {
    name: 'train',
    experiment_id: 1,
    experiment: 'Default',
    status: 'FINISHED',
    reason: null,
    message: null,
    source_type: 'notebook',
    parent_run_id: null,
    notebook: 'train.ipynb',
    user: 'ann',
    created_at: 1_700_000_000_000,
    started_at: 1_700_000_000_100,
    ended_at: 1_700_000_002_100,
    duration_ms: 2000,
    queue_position: null,
    progress: {
      cells_done: 4,
      cells_total: 4,
      current_cell: null,
      failing_cell: null
    },
    key_metric: null,
    sparkline: [],
    cancel_requested: false,
    deleted_at: null,
    version: 1,
    parameters: [],
    metrics: [],
    tags: [],
    note: '',
    kernel_name: 'python3',
    time_limit: null,
    autolog: false,
    save_to: null,
    rerun_of: null,
    source_digest: null,
    executed_digest: null,
    cpu_seconds: null,
    peak_memory_bytes: null,
    secrets_masked: 0,
    ...change
  };
}
