/** A server in the test's own memory: answers the contract's routes, with runs and events that the test makes. */
import type { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';

import { MlopsApi } from '../client';
import type {
  Event,
  EventType,
  Experiment,
  NotebookInspection,
  Preferences,
  Run,
  ServerStatus
} from '../types';
import { aRun } from './a_run';

export { aRun };

export interface ICallRecord {
  method: string;
  /** Below the prefix, decoded. */
  path: string;
  query: URLSearchParams;
  body: unknown;
  /** The body as it was written. */
  text: string | undefined;
  headers: Map<string, string>;
}

interface IAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

type Handler = (call: ICallRecord, match: string[]) => IAnswer | undefined;

class Headers {
  readonly map = new Map<string, string>();
  constructor(init: Record<string, string> = {}) {
    for (const [name, value] of Object.entries(init)) {
      this.map.set(name.toLowerCase(), value);
    }
  }
  append(name: string, value: string): void {
    this.set(name, value);
  }
  set(name: string, value: string): void {
    this.map.set(name.toLowerCase(), value);
  }
  has(name: string): boolean {
    return this.map.has(name.toLowerCase());
  }
}

class Request {
  readonly headers: Headers;
  readonly method: string;
  readonly body: string | undefined;
  constructor(
    readonly url: string,
    init: RequestInit & { headers?: Record<string, string> }
  ) {
    this.headers = new Headers(init.headers);
    this.method = init.method ?? 'GET';
    this.body = init.body as string | undefined;
  }
}

export const BASE = 'http://localhost/user/ann/';

export class InMemoryServer {
  /** Newest first. */
  runs: Run[] = [];
  experiments: Experiment[] = [];
  events: Event[] = [];
  /** By contents path. */
  inspections = new Map<string, NotebookInspection>();
  /** The forms of recorded sources, by run. */
  sourceInspections = new Map<string, NotebookInspection>();
  preferences: Preferences = { autolog: false };
  calls: ICallRecord[] = [];
  isReachable = true;
  /** How many runs one request deletes for good. */
  purgedAtOnce = 1000;
  /** Experiments in the trash. */
  deletedExperiments = 0;
  status: ServerStatus = {
    version: '0',
    state: 'ready',
    message: null,
    user: 'ann',
    seq: 0,
    dispatching: true,
    concurrency: 2,
    scheduled: 0,
    running: 0
  };
  /** What is answered in place of everything else; undefined goes on. */
  override: Handler | null = null;
  /** Awaited before each answer, so that a test can hold one back. */
  delay: (call: ICallRecord) => Promise<void> = () => Promise.resolve();

  readonly api = new MlopsApi(
    this.settings(),
    nullTranslator.load('jupyter_mlops')
  );

  settings(): ServerConnection.ISettings {
    return {
      baseUrl: BASE,
      token: 'secret',
      // As JupyterLab's own settings have it.
      init: { cache: 'no-store', credentials: 'same-origin' },
      Request: Request as unknown as typeof globalThis.Request,
      fetch: request => this._fetch(request as unknown as Request)
    } as Partial<ServerConnection.ISettings> as ServerConnection.ISettings;
  }

  /** Commit a fact. */
  emit(type: EventType, subject: string): void {
    const seq = this.status.seq + 1;
    this.status = { ...this.status, seq };
    this.events.push({ seq, type, subject, actor: 'ann', created_at: 0 });
  }

  /** Make a run, newest of all, and say so. */
  create(run: Run): Run {
    this.runs.unshift(run);
    this.emit('run.created', run.run_id);
    return run;
  }

  /** Change a run and say so. */
  change(runId: string, change: Partial<Run>, type: EventType): Run {
    const index = this.runs.findIndex(({ run_id }) => run_id === runId);
    const before = this.runs[index];
    if (!before) {
      throw new Error(`no run ${runId}`);
    }
    const after = { ...before, ...change, version: before.version + 1 };
    this.runs[index] = after;
    this.emit(type, runId);
    return after;
  }

  callsTo(path: string | RegExp): ICallRecord[] {
    return this.calls.filter(call =>
      typeof path === 'string' ? call.path === path : path.test(call.path)
    );
  }

  private async _fetch(request: Request): Promise<Response> {
    if (!this.isReachable) {
      throw new TypeError('Failed to fetch');
    }
    const url = new URL(request.url);
    const call: ICallRecord = {
      method: request.method,
      path: decodeURIComponent(url.pathname).replace(
        '/user/ann/mlops/api/',
        ''
      ),
      query: url.searchParams,
      body: request.body === undefined ? undefined : JSON.parse(request.body),
      text: request.body,
      headers: request.headers.map
    };
    this.calls.push(call);
    await this.delay(call);
    const answer = this.override?.(call, []) ?? this._answer(call);
    const text =
      typeof answer.body === 'string'
        ? answer.body
        : JSON.stringify(answer.body);
    return {
      ok: answer.status < 300,
      status: answer.status,
      statusText: `status ${answer.status}`,
      headers: { get: (name: string) => answer.headers?.[name] ?? null },
      text: () => Promise.resolve(text),
      json: () => Promise.resolve(JSON.parse(text)),
      blob: () => Promise.resolve(text)
    } as unknown as Response;
  }

  private _answer(call: ICallRecord): IAnswer {
    const run = /^runs\/(\w+)((?:\/\w+)*)$/.exec(call.path);
    if (run) {
      return this._one(call, run[1] ?? '', run[2] ?? '');
    }
    switch (`${call.method} ${call.path}`) {
      case 'GET status':
        return { status: 200, body: this.status };
      case 'GET events':
        return this._events(Number(call.query.get('after')));
      case 'GET runs':
        return this._list(call.query);
      case 'GET trash':
        return {
          status: 200,
          body: {
            runs: this.runs.filter(({ deleted_at }) => deleted_at !== null)
              .length,
            experiments: this.deletedExperiments,
            logged_models: 0
          }
        };
      case 'POST trash/empty':
        return this._purge(
          this.runs
            .filter(({ deleted_at }) => deleted_at !== null)
            .slice(0, this.purgedAtOnce),
          this.deletedExperiments
        );
      case 'POST runs':
        return this._submit(call);
      case 'GET experiments':
        return {
          status: 200,
          body: {
            experiments: this.experiments,
            total: this.experiments.length
          }
        };
      case 'PATCH preferences':
        this.preferences = call.body as Preferences;
        this.emit('preferences.changed', 'ann');
        return { status: 200, body: this.preferences };
      case 'GET preferences':
        return { status: 200, body: this.preferences };
      case 'GET notebooks/parameters': {
        const found = this.inspections.get(call.query.get('path') ?? '');
        return found ? { status: 200, body: found } : refusal(404, 'not_found');
      }
      default:
        return refusal(404, 'not_found');
    }
  }

  private _one(call: ICallRecord, runId: string, rest: string): IAnswer {
    const run = this.runs.find(({ run_id }) => run_id === runId);
    if (!run) {
      return refusal(404, 'not_found');
    }
    switch (`${call.method} ${rest}`) {
      case 'POST /cancel':
        return {
          status: 202,
          body: this.change(
            runId,
            { cancel_requested: true },
            'run.cancel_requested'
          )
        };
      case 'POST /rerun':
        return this._submit(call);
      case 'GET /source/parameters': {
        const found = this.sourceInspections.get(runId);
        return found ? { status: 200, body: found } : refusal(409, 'conflict');
      }
      case 'DELETE ':
        return {
          status: 200,
          body: this.change(runId, { deleted_at: 1 }, 'run.deleted')
        };
      case 'POST /restore':
        return {
          status: 200,
          body: this.change(runId, { deleted_at: null }, 'run.restored')
        };
      case 'POST /purge':
        return run.deleted_at === null
          ? refusal(409, 'conflict')
          : this._purge([run]);
      default:
        return { status: 200, body: run };
    }
  }

  private _purge(gone: readonly Run[], experiments = 0): IAnswer {
    this.runs = this.runs.filter(run => !gone.includes(run));
    for (const { run_id } of gone) {
      this.emit('run.purged', run_id);
    }
    return {
      status: 200,
      body: {
        runs: gone.length,
        experiments,
        logged_models: 0,
        bytes_freed: 1000 * gone.length,
        remaining: this.runs.filter(({ deleted_at }) => deleted_at !== null)
          .length
      }
    };
  }

  private _submit(call: ICallRecord): IAnswer {
    const body = call.body as { name?: string | null; notebook?: string };
    const run = this.create(
      aRun({
        run_id: `new${this.runs.length}`.padEnd(32, '0'),
        name: body.name ?? 'train',
        status: 'SCHEDULED',
        ended_at: null,
        started_at: null,
        duration_ms: null,
        created_at: 1_800_000_000_000
      })
    );
    return { status: 202, body: run };
  }

  private _events(after: number): IAnswer {
    return {
      status: 200,
      body: {
        events: this.events.filter(({ seq }) => seq > after),
        seq: this.status.seq,
        reset: false
      }
    };
  }

  private _list(query: URLSearchParams): IAnswer {
    const status = query.getAll('status');
    const deleted = query.get('deleted') === 'true';
    const experiment = query.get('experiment_id');
    const matching = this.runs.filter(
      run =>
        (run.deleted_at !== null) === deleted &&
        (status.length === 0 || status.includes(run.status)) &&
        (experiment === null || run.experiment_id === Number(experiment)) &&
        run.name.includes(query.get('q') ?? '')
    );
    const start = Number(query.get('cursor') ?? 0);
    const end = start + Number(query.get('limit') ?? 100);
    return {
      status: 200,
      body: {
        runs: matching.slice(start, end),
        total: matching.length,
        next_cursor: end < matching.length ? String(end) : null
      }
    };
  }
}

/** A problem as the server words it. */
export function refusal(
  status: number,
  code: string,
  field: string | null = null,
  detail = 'It did not work.'
): IAnswer {
  return {
    status,
    body: {
      type: 'about:blank',
      title: code,
      status,
      detail,
      code,
      id: '1',
      field
    }
  };
}

/** Resolve once `test` holds; it is asked again whenever something had time to happen. */
export async function until(test: () => boolean): Promise<void> {
  while (!test()) {
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}
