/** Calls to the server's REST door, one method per operation, below the server's own URL prefix. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError, failureOf } from './errors';
import { writeJson } from './exact_json';
import { readInspection, readRun } from './exact_answers';
import { ServerClock } from './server_clock';
import type {
  ArtifactList,
  CellList,
  Environment,
  EventPage,
  Experiment,
  ExperimentList,
  History,
  KernelCheck,
  KernelList,
  LogPage,
  NewExperiment,
  NewRun,
  NotebookInspection,
  Preferences,
  PreferencesChange,
  Purged,
  Rerun,
  Run,
  RunChange,
  RunPage,
  RunStatus,
  ServerStatus,
  TrashContents
} from './types';

const PREFIX = 'mlops/api';

/** The filter and cursor of a list of runs; `limit` is at most 1000. */
export interface IRunQuery {
  experiment_id?: number;
  status?: readonly RunStatus[];
  notebook?: string;
  q?: string;
  /** The run that they are parts of. */
  parent?: string;
  deleted?: boolean;
  cursor?: string;
  limit?: number;
}

/** Every operation of the server that the front end uses; failures are `ApiError`. */
export interface IMlopsApi {
  /** The time of the server, as its answers tell it. */
  readonly clock: ServerClock;
  /** Where the Jupyter server is. */
  readonly serverUrl: string;
  status(): Promise<ServerStatus>;
  events(after: number, limit?: number): Promise<EventPage>;
  experiments(): Promise<ExperimentList>;
  createExperiment(body: NewExperiment): Promise<Experiment>;
  createRun(body: NewRun, idempotencyKey?: string): Promise<Run>;
  runs(query?: IRunQuery): Promise<RunPage>;
  run(runId: string): Promise<Run>;
  changeRun(runId: string, change: RunChange, version?: number): Promise<Run>;
  cancelRun(runId: string): Promise<Run>;
  rerun(runId: string, body?: Rerun, idempotencyKey?: string): Promise<Run>;
  trashRun(runId: string): Promise<Run>;
  restoreRun(runId: string): Promise<Run>;
  /** Delete one run in the trash for good. */
  purgeRun(runId: string): Promise<Purged>;
  /** How much is in the trash. */
  trash(): Promise<TrashContents>;
  /** Delete as much of the trash for good as a few seconds allow. */
  emptyTrash(): Promise<Purged>;
  setTag(runId: string, key: string, value: string): Promise<Run>;
  removeTag(runId: string, key: string): Promise<Run>;
  metricHistory(
    runId: string,
    key: string,
    maxPoints?: number
  ): Promise<History>;
  cells(runId: string): Promise<CellList>;
  environment(runId: string): Promise<Environment>;
  log(runId: string, after: number, limit?: number): Promise<LogPage>;
  /** The notebook JSON, or null when `etag` is still its version. */
  notebook(
    runId: string,
    kind: 'source' | 'executed',
    etag?: string | null
  ): Promise<{ content: unknown; etag: string | null } | null>;
  /** Where the file of the notebook is, for a download link. */
  notebookUrl(runId: string, kind: 'source' | 'executed'): string;
  artifacts(runId: string): Promise<ArtifactList>;
  artifactContent(runId: string, path: string, range?: string): Promise<Blob>;
  /** Where the bytes of an artifact are, for a download link. */
  artifactUrl(runId: string, path: string): string;
  /** The form of a notebook; values of parameters keep their digits as `ExactNumber`. */
  inspectNotebook(path: string): Promise<NotebookInspection>;
  /** The form of the recorded source of a run, in which the values given to it were used last. */
  inspectRunSource(runId: string): Promise<NotebookInspection>;
  /** What the acting user prefers. */
  preferences(): Promise<Preferences>;
  changePreferences(change: PreferencesChange): Promise<Preferences>;
  kernels(): Promise<KernelList>;
  checkKernel(kernelName: string): Promise<KernelCheck>;
}

type QueryValue = string | number | boolean | readonly string[] | undefined;
type Query = Readonly<Record<string, QueryValue>>;

interface ICall {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The API client over JupyterLab's server connection, which adds token and XSRF cookie. */
export class MlopsApi implements IMlopsApi {
  constructor(
    private readonly _settings: ServerConnection.ISettings,
    private readonly _trans: TranslationBundle
  ) {}

  readonly clock = new ServerClock();

  get serverUrl(): string {
    return this._settings.baseUrl;
  }

  status(): Promise<ServerStatus> {
    return this._json('status');
  }

  events(after: number, limit?: number): Promise<EventPage> {
    return this._json('events', { query: { after, limit } });
  }

  experiments(): Promise<ExperimentList> {
    return this._json('experiments');
  }

  createExperiment(body: NewExperiment): Promise<Experiment> {
    return this._json('experiments', { method: 'POST', body });
  }

  createRun(body: NewRun, idempotencyKey?: string): Promise<Run> {
    return this._run('runs', {
      method: 'POST',
      body,
      headers: once(idempotencyKey)
    });
  }

  runs(query: IRunQuery = {}): Promise<RunPage> {
    return this._json('runs', { query: { ...query } });
  }

  run(runId: string): Promise<Run> {
    return this._run(runPath(runId));
  }

  changeRun(runId: string, change: RunChange, version?: number): Promise<Run> {
    const headers: Record<string, string> =
      version === undefined ? {} : { 'If-Match': `"${version}"` };
    return this._run(runPath(runId), {
      method: 'PATCH',
      body: change,
      headers
    });
  }

  cancelRun(runId: string): Promise<Run> {
    return this._run(runPath(runId, 'cancel'), { method: 'POST' });
  }

  rerun(
    runId: string,
    body: Rerun = {},
    idempotencyKey?: string
  ): Promise<Run> {
    return this._run(runPath(runId, 'rerun'), {
      method: 'POST',
      body,
      headers: once(idempotencyKey)
    });
  }

  trashRun(runId: string): Promise<Run> {
    return this._run(runPath(runId), { method: 'DELETE' });
  }

  restoreRun(runId: string): Promise<Run> {
    return this._run(runPath(runId, 'restore'), { method: 'POST' });
  }

  purgeRun(runId: string): Promise<Purged> {
    return this._json(runPath(runId, 'purge'), { method: 'POST' });
  }

  trash(): Promise<TrashContents> {
    return this._json('trash');
  }

  emptyTrash(): Promise<Purged> {
    return this._json('trash/empty', { method: 'POST' });
  }

  setTag(runId: string, key: string, value: string): Promise<Run> {
    return this._run(runPath(runId, 'tags'), {
      method: 'PUT',
      body: { key, value }
    });
  }

  removeTag(runId: string, key: string): Promise<Run> {
    return this._run(runPath(runId, 'tags'), {
      method: 'DELETE',
      query: { key }
    });
  }

  metricHistory(
    runId: string,
    key: string,
    maxPoints?: number
  ): Promise<History> {
    return this._json(runPath(runId, 'metrics'), {
      query: { key, max_points: maxPoints }
    });
  }

  cells(runId: string): Promise<CellList> {
    return this._json(runPath(runId, 'cells'));
  }

  environment(runId: string): Promise<Environment> {
    return this._json(runPath(runId, 'environment'));
  }

  log(runId: string, after: number, limit?: number): Promise<LogPage> {
    return this._json(runPath(runId, 'log'), { query: { after, limit } });
  }

  async notebook(
    runId: string,
    kind: 'source' | 'executed',
    etag?: string | null
  ): Promise<{ content: unknown; etag: string | null } | null> {
    const response = await this._fetch(runPath(runId, 'notebook'), {
      query: { kind },
      headers: etag ? { 'If-None-Match': etag } : {}
    });
    if (response.status === 304) {
      return null;
    }
    return {
      content: await response.json(),
      etag: response.headers.get('ETag')
    };
  }

  notebookUrl(runId: string, kind: 'source' | 'executed'): string {
    return this._url(runPath(runId, 'notebook'), { kind });
  }

  artifacts(runId: string): Promise<ArtifactList> {
    return this._json(runPath(runId, 'artifacts'));
  }

  async artifactContent(
    runId: string,
    path: string,
    range?: string
  ): Promise<Blob> {
    const response = await this._fetch(runPath(runId, 'artifacts/content'), {
      query: { path },
      headers: range ? { Range: range } : {}
    });
    return response.blob();
  }

  artifactUrl(runId: string, path: string): string {
    return this._url(runPath(runId, 'artifacts/content'), { path });
  }

  async inspectNotebook(path: string): Promise<NotebookInspection> {
    const response = await this._fetch('notebooks/parameters', {
      query: { path }
    });
    return readInspection(await response.text());
  }

  async inspectRunSource(runId: string): Promise<NotebookInspection> {
    const response = await this._fetch(runPath(runId, 'source/parameters'));
    return readInspection(await response.text());
  }

  preferences(): Promise<Preferences> {
    return this._json('preferences');
  }

  changePreferences(change: PreferencesChange): Promise<Preferences> {
    return this._json('preferences', { method: 'PATCH', body: change });
  }

  kernels(): Promise<KernelList> {
    return this._json('kernels');
  }

  checkKernel(kernelName: string): Promise<KernelCheck> {
    return this._json(`kernels/${encodeURIComponent(kernelName)}/check`, {
      method: 'POST'
    });
  }

  private async _run(path: string, call: ICall = {}): Promise<Run> {
    const response = await this._fetch(path, call);
    return readRun(await response.text());
  }

  private async _json<T>(path: string, call: ICall = {}): Promise<T> {
    const response = await this._fetch(path, call);
    return (await response.json()) as T;
  }

  private async _fetch(path: string, call: ICall = {}): Promise<Response> {
    const init: RequestInit = {
      method: call.method ?? 'GET',
      headers: { Accept: 'application/json', ...call.headers },
      // With 'no-store' JupyterLab adds a time to the query, which the server rightly refuses.
      cache: 'no-cache'
    };
    if (call.body !== undefined) {
      init.body = writeJson(call.body);
      init.headers = { ...init.headers, 'Content-Type': 'application/json' };
    }
    const asked = Date.now();
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        this._url(path, call.query),
        init,
        this._settings
      );
    } catch {
      // What the browser says of it is English, and the same for every cause.
      throw new ApiError(
        'unreachable',
        this._trans.__('The server does not answer.')
      );
    }
    if (response.ok || response.status === 304) {
      this.clock.heard(response.headers.get('Date'), asked, Date.now());
      return response;
    }
    throw await failureOf(response, this._trans);
  }

  private _url(path: string, query: Query = {}): string {
    return (
      URLExt.join(this._settings.baseUrl, PREFIX, path) + queryString(query)
    );
  }
}

/** The header that makes a repeated request the same request. */
function once(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'Idempotency-Key': key };
}

function runPath(runId: string, rest = ''): string {
  return `runs/${encodeURIComponent(runId)}${rest && '/'}${rest}`;
}

/** The query part of an address; lists repeat their key, unset values are left out. */
export function queryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const item of values) {
      if (item !== undefined) {
        search.append(key, String(item));
      }
    }
  }
  const text = search.toString();
  return text && `?${text}`;
}
