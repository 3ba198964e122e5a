/** What the tests of the run page stand on: a run as the server describes it, and a server's answers. */
import { Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../../contract/client';
import type { Event, EventType, Run } from '../../contract/types';
import { ServerClock } from '../../contract/server_clock';
import { ConnectionStore } from '../../state/connection_store';
import type { IChangeFeed, IChanges } from '../../state/tokens';
import { RunPageStore } from '../run_page_store';

export const RUN_ID = 'a'.repeat(32);

/** A finished run, changed as a test needs it. */
export function aRun(change: Partial<Run> = {}): Run {
  return {
    run_id: RUN_ID,
    name: 'brave run',
    experiment_id: 1,
    experiment: 'wine',
    status: 'FINISHED',
    reason: null,
    message: null,
    source_type: 'notebook',
    parent_run_id: null,
    notebook: 'train.ipynb',
    user: 'ada',
    created_at: 1_000,
    started_at: 2_000,
    ended_at: 5_000,
    duration_ms: 3_000,
    queue_position: null,
    progress: {
      cells_done: 3,
      cells_total: 3,
      current_cell: null,
      failing_cell: null
    },
    key_metric: null,
    sparkline: [],
    cancel_requested: false,
    deleted_at: null,
    version: 7,
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

/** The given answers; any other question fails the test that asks it. */
export function anApi(answers: Partial<IMlopsApi> = {}): IMlopsApi {
  return new Proxy(answers, {
    get: (target, name: keyof IMlopsApi) =>
      target[name] ??
      (() => {
        throw new Error(`Nobody expected ${name}() to be called.`);
      })
  }) as IMlopsApi;
}

/** A feed whose news a test makes up. */
export class MadeFeed implements IChangeFeed {
  constructor(isReady = true) {
    if (isReady) {
      this.connection.answered({
        version: '1',
        state: 'ready',
        message: null,
        user: 'ada',
        seq: 1,
        dispatching: true,
        concurrency: 2,
        scheduled: 0,
        running: 0
      });
    }
  }

  readonly connection = new ConnectionStore(() => undefined, {
    clock: new ServerClock(),
    serverUrl: '/'
  });
  readonly changed: Signal<IChangeFeed, IChanges> = new Signal<
    IChangeFeed,
    IChanges
  >(this);

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  /** Something happened to a run. */
  tell(type: EventType, subject = RUN_ID): void {
    const event: Event = {
      seq: 2,
      type,
      subject,
      actor: 'ada',
      created_at: 1
    };
    this.changed.emit({ events: [event], reset: false });
  }

  reset(): void {
    this.changed.emit({ events: [], reset: true });
  }
}

/** The store of a page that is on screen. */
export function aStore(
  answers: Partial<IMlopsApi> = {},
  feed: IChangeFeed = new MadeFeed()
): RunPageStore {
  const store = new RunPageStore(anApi(answers), feed, RUN_ID);
  store.setLive(true);
  return store;
}

/** Let promises that are done already have their effect. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}
